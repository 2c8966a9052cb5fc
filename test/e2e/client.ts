import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fixtures } from './program.ts';

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
  const form = new FormData();
  for (const [field, value] of Object.entries(options.fields ?? {})) form.set(field, value);
  form.set('file', new Blob([bytes]), name);
  return call(url, `/api/audio/upload${options.query ?? ''}`, {
    method: 'POST',
    body: form,
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
