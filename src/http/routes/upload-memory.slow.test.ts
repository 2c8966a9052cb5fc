import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, it } from 'vitest';
import { openDirectoryObjectStore } from '../../adapters/files/directory-object-store.ts';
import { openLibraryApp } from '../../../test/library-app.ts';

const FILE_BYTES = 2 * 1024 ** 3;
const CHUNK_BYTES = 256 * 1024;
/** A tenth of the file; the collector is in no hurry. */
const MOST_GROWTH_BYTES = 200 * 1024 ** 2;

const HEAD =
  '--b\r\ncontent-disposition: form-data; name="file"; filename="long.wav"\r\ncontent-type: audio/wav\r\n\r\nAUDIO';
const TAIL = '\r\n--b--\r\n';

function* form(): Generator<Uint8Array> {
  yield Buffer.from(HEAD);
  // Zero bytes would let a file system cheat; no line break, so that no boundary can begin.
  const chunk = Buffer.alloc(CHUNK_BYTES, 'samples of sound; ');
  for (let leftBytes = FILE_BYTES - 5; leftBytes > 0; leftBytes -= chunk.length)
    yield chunk.subarray(0, leftBytes);
  yield Buffer.from(TAIL);
}

it('memory stays flat while 2 GB come in', { timeout: 120_000 }, async () => {
  const root = await mkdtemp(join(tmpdir(), 'earshot-'));
  const tempDir = join(root, 'tmp');
  await mkdir(tempDir);
  const objects = await openDirectoryObjectStore({ root: join(root, 'audio'), tempDir });
  const test = await openLibraryApp({
    objects,
    policy: { auth: 'off', maxUploadBytes: FILE_BYTES, tempDir },
  });
  test.hold();
  const url = await test.app.listen({ host: '127.0.0.1', port: 0 });
  const before = process.memoryUsage.rss();
  let highest = before;
  const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage.rss())), 20);
  try {
    const sending = request(`${url}/api/audio/upload`, {
      method: 'POST',
      headers: {
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': HEAD.length + FILE_BYTES - 5 + TAIL.length,
        prefer: 'wait=0',
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      sending.once('response', resolve).once('error', reject),
    );
    const [answer] = await Promise.all([answered, pipeline(Readable.from(form()), sending)]);
    const body = JSON.parse(Buffer.concat(await Array.fromAsync<Buffer>(answer)).toString()) as {
      request_id: string;
    };
    expect(answer.statusCode).toBe(202);
    expect((await objects.find(`uploads/${body.request_id}`))?.sizeBytes).toBe(FILE_BYTES);
  } finally {
    clearInterval(watch);
    await test.close();
    await rm(root, { recursive: true });
  }
  // The client is in here too. What is held of the body is a few chunks on either side.
  expect(highest - before).toBeLessThan(MOST_GROWTH_BYTES);
});
