import { expect } from 'vitest';
import { openLibraryApp, type LibraryApp } from './library-app.ts';
import { postForm, type UploadAnswer, type UploadOptions, type UploadPart } from './upload-form.ts';

/** The library's app on a real socket, and uploads to it. What begins with `AUDIO` counts as audio there. */
export interface UploadBench extends LibraryApp {
  readonly url: string;
  post(parts: readonly UploadPart[], options?: UploadOptions): Promise<UploadAnswer>;
  upload(content: string, filename: string, options?: UploadOptions): Promise<UploadAnswer>;
  /** Nothing is left of a refused upload, once the other end has noticed. */
  expectNothingLeft(files?: number): Promise<void>;
}

export async function openUploadBench(): Promise<UploadBench> {
  const test = await openLibraryApp({ policy: { auth: 'off', maxUploadBytes: 300_000 } });
  const url = await test.app.listen({ host: '127.0.0.1', port: 0 });
  const post = (parts: readonly UploadPart[], options?: UploadOptions) => postForm(url, parts, options);
  return {
    ...test,
    url,
    post,
    upload: (content, filename, options) => post([['file', `AUDIO ${content}`, filename]], options),
    async expectNothingLeft(files = 0) {
      await expect.poll(() => test.listTemporary()).toEqual([]);
      await expect
        .poll(async () => (await test.ports.objects.list('uploads/', { limit: 10 })).items)
        .toEqual([]);
      const page = await test.ports.audioFiles.list('default', { limit: 10, sort: 'name' });
      expect(page.items).toHaveLength(files);
    },
  };
}
