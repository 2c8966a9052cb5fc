import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { openLibraryApp } from '../../../test/library-app.ts';
import { openDirectoryDirectUploads } from '../../adapters/files/directory-direct-upload.ts';
import { openDirectoryObjectStore } from '../../adapters/files/directory-object-store.ts';

const FILE_BYTES = 2 * 1024 ** 3;
const CHUNK_BYTES = 256 * 1024;
/** A tenth of the file; the collector is in no hurry. */
const AT_ONCE = 4;

interface Begun {
  readonly upload_id: string;
  readonly parts: readonly { readonly number: number; readonly url: string; readonly size: number }[];
}

const chunk = Buffer.alloc(CHUNK_BYTES, 'AUDIO of the night; ');

function* partBytes(sizeBytes: number): Generator<Uint8Array> {
  for (let leftBytes = sizeBytes; leftBytes > 0; leftBytes -= chunk.length)
    yield chunk.subarray(0, leftBytes);
}

async function put(url: string, sizeBytes: number): Promise<number | undefined> {
  const sending = request(url, { method: 'PUT', headers: { 'content-length': sizeBytes } });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    sending.once('response', resolve).once('error', reject),
  );
  const [answer] = await Promise.all([answered, pipeline(Readable.from(partBytes(sizeBytes)), sending)]);
  answer.resume();
  return answer.statusCode;
}

it(
  'memory stays flat while 2 GB come in parts, four at a time, and are put together',
  { timeout: 180_000 },
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'earshot-'));
    const tempDir = join(root, 'tmp');
    await mkdir(tempDir);
    const directory = join(root, 'audio');
    const objects = await openDirectoryObjectStore({ root: directory, tempDir });
    const test = await openLibraryApp({
      objects,
      directUploads: openDirectoryDirectUploads({ root: directory, objects }),
      policy: { auth: 'off', maxUploadBytes: FILE_BYTES, tempDir },
    });
    test.hold();
    const url = await test.app.listen({ host: '127.0.0.1', port: 0 });
    const post = async (path: string, body?: object) =>
      fetch(`${url}/api/audio/uploads${path}`, {
        method: 'POST',
        headers: { prefer: 'wait=0', ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    const before = process.memoryUsage.rss();
    let highest = before;
    const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 20);
    try {
      const begun = await post('', { filename: 'long.wav', size: FILE_BYTES });
      const { upload_id: id, parts } = (await begun.json()) as Begun;
      const left = [...parts];
      const sendNext = async (): Promise<void> => {
        for (let part = left.pop(); part !== undefined; part = left.pop())
          expect(await put(part.url, part.size)).toBe(204);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
      const answer = await post(`/${id}/complete`);
      expect(answer.status).toBe(202);
      const { request_id: requestId } = (await answer.json()) as { request_id: string };
      expect((await objects.find(`uploads/${requestId}`))?.sizeBytes).toBe(FILE_BYTES);
    } finally {
      clearInterval(watch);
      await test.close();
      await rm(root, { recursive: true });
    }
    // The client is in here too.
  },
);
