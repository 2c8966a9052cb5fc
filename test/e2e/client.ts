import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fixtures, runsInFunctions } from './program.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Calls the program as a stranger would; `body` is the JSON of the answer, whatever its status. */
export async function call(
  url: string,
  path: string,
  init: RequestInit & { json?: unknown } = {},
): Promise<Answer> {
  const { json, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (json !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(`${url}${path}`, {
    ...rest,
    headers,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body };
}

export async function upload(
  url: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: { query?: string; headers?: Record<string, string>; fields?: Record<string, string> } = {},
): Promise<Answer> {
  if (runsInFunctions) return uploadDirectly(url, name, bytes, options);
  const form = new FormData();
  for (const [field, value] of Object.entries(options.fields ?? {})) form.set(field, value);
  form.set('file', new Blob([bytes]), name);
  return call(url, `/api/audio/upload${options.query ?? ''}`, {
    method: 'POST',
    body: form,
    headers: { prefer: 'wait=30', ...options.headers },
  });
}

/** The same by presigned parts, the only way past what an event may have. */
export async function uploadDirectly(
  url: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: { query?: string; headers?: Record<string, string>; fields?: Record<string, string> },
): Promise<Answer> {
  const { on_conflict } = Object.fromEntries(new URLSearchParams(options.query));
  const begun = await call(url, '/api/audio/uploads', {
    method: 'POST',
    headers: { ...options.headers },
    json: { filename: name, size: bytes.length, ...options.fields, ...(on_conflict && { on_conflict }) },
  });
  if (begun.status !== 201) return begun;
  let start = 0;
  for (const part of begun.body['parts'] as { url: string; size: number }[]) {
    const { status } = await fetch(part.url, { method: 'PUT', body: bytes.slice(start, start + part.size) });
    if (status !== 200) throw new Error(`A part was answered ${status}.`);
    start += part.size;
  }
  return call(url, `/api/audio/uploads/${String(begun.body['upload_id'])}/complete`, {
    method: 'POST',
    headers: { prefer: 'wait=30', ...options.headers },
  });
}

export async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(join(fixtures, name)));
}

export async function uploadFixture(url: string, name: string, as = basename(name)): Promise<Answer> {
  return upload(url, as, await fixture(name));
}

export async function download(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ response: Response; bytes: Uint8Array }> {
  const response = await fetch(url, { headers });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}
