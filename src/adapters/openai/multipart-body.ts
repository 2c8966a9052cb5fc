import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { OpenAiBody } from './openai-client.ts';

/**
 * `multipart/form-data` (RFC 7578) of some fields and one file, which is read while it is sent.
 * @param fields names and values without quotes and line breaks in the names; a name may come twice
 * @param filename as the server is told it: it knows the format by the ending
 */
export async function multipartBody(
  fields: readonly (readonly [name: string, value: string])[],
  { path, filename, contentType }: { path: string; filename: string; contentType: string },
): Promise<OpenAiBody> {
  const boundary = `earshot-${randomBytes(16).toString('hex')}`;
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = Buffer.from(
    `${parts.join('')}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${filename}"\r\n` +
      `content-type: ${contentType}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const { size } = await stat(path);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    sizeBytes: head.length + size + tail.length,
    chunks: (async function* () {
      yield head;
      yield* createReadStream(path) as AsyncIterable<Uint8Array>;
      yield tail;
    })(),
  };
}
