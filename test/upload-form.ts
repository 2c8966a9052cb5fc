export interface UploadAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export type UploadPart = readonly [name: string, value: string, filename?: string];

export interface UploadOptions {
  readonly query?: string;
  readonly headers?: Record<string, string>;
}

/** Sends a form to the upload route of the server at `url`, as a browser does. */
export async function postForm(
  url: string,
  parts: readonly UploadPart[],
  options: UploadOptions = {},
): Promise<UploadAnswer> {
  const form = new FormData();
  for (const [name, value, filename] of parts) {
    if (filename === undefined) form.append(name, value);
    else form.append(name, new Blob([value]), filename);
  }
  const response = await fetch(`${url}/api/audio/upload${options.query ?? ''}`, {
    method: 'POST',
    body: form,
    headers: options.headers ?? {},
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
}
