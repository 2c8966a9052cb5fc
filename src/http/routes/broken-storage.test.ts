import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../adapters/memory/memory-object-store.ts';
import { createPieceCache } from '../../audio/piece-cache.ts';
import { AppError } from '../../domain/app-error.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { addTrack } from '../../../test/stream-library.ts';
import { openTestApp, type TestApp } from '../../../test/test-app.ts';

/** A disk that gives no more bytes after so many; the directory still tells that all is there. */
function openFailingStore() {
  const objects = createMemoryObjectStore();
  const disk = { readableBytes: Infinity };
  const spend = (bytes: number) => {
    disk.readableBytes -= bytes;
    if (disk.readableBytes < 0) {
      const cause = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
      throw new AppError('storage_unavailable', 'The storage cannot be used at the moment.', { cause });
    }
  };
  const store: ObjectStore = {
    ...objects,
    async readRange(key, range, signal) {
      spend(range.endExclusive - range.start);
      return objects.readRange(key, range, signal);
    },
    async *read(key, range, signal) {
      for await (const chunk of objects.read(key, range, signal)) {
        spend(chunk.length);
        yield chunk;
      }
    },
  };
  return { store, disk };
}

/** Three parts of 30 s each, 480 KB, read in pieces of 64 KiB of which one is held. */
const FRAMES = 1148;
const FILES = ['a.mp3', 'b.mp3', 'c.mp3'];
const PIECE_BYTES = 64 * 1024;
const READABLE_BYTES = [0, PIECE_BYTES, 300_000, 700_000, 1_100_000];
const ORIGINAL = Buffer.alloc(900_000, 'original');

interface Heard {
  readonly status: number | undefined;
  readonly body: Buffer;
  readonly isWhole: boolean;
}

describe('a disk that gives errors', () => {
  let test: TestApp;
  let disk: { readableBytes: number };
  let url: string;

  beforeEach(async () => {
    const failing = openFailingStore();
    disk = failing.disk;
    const objects = failing.store;
    const pieces = createPieceCache(objects, { pieceBytes: PIECE_BYTES, maxBytes: PIECE_BYTES });
    test = await openTestApp({ objects, pieces, policy: { auth: 'off' } });
    const original = { originalKey: 'originals/a.wav', originalSizeBytes: ORIGINAL.length };
    await objects.write(original.originalKey, [ORIGINAL.subarray(0, 450_000), ORIGINAL.subarray(450_000)]);
    for (const name of FILES) await addTrack(test.ports, name, FRAMES, original);
    const headers = { host: 'localhost' };
    await test.request('PUT', '/api/streams/s/queue', { headers, body: { files: FILES } });
    url = await test.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(() => test.app.close());

  async function listen(path: string): Promise<Heard> {
    const request = get(url + path, { agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => undefined);
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    if (!answer.closed) await new Promise<void>((closed) => answer.once('close', () => closed()));
    return { status: answer.statusCode, body: Buffer.concat(chunks), isWhole: answer.complete };
  }

  it.each([
    ['a stream', '/api/streams/s/stream.mp3'],
    ['a stream from the middle of a file', '/api/streams/s/stream.mp3?from=3.5'],
    ['a file', '/api/audio/a.mp3'],
    ['a file from its middle', '/api/audio/a.mp3?from=7'],
    ['an original', '/api/audio/a.mp3?original=1'],
  ])(
    'tells so before the first byte of %s, or cuts it, and never gives a wrong byte',
    async (_what, path) => {
      const whole = await listen(path);
      expect([whole.status, whole.isWhole]).toEqual([200, true]);
      for (const readableBytes of READABLE_BYTES) {
        disk.readableBytes = readableBytes;
        const { status, body, isWhole } = await listen(path);
        if (status === 200) {
          // Whoever has all the bytes was told of no error, and all of them are right.
          expect(isWhole).toBe(body.length === whole.body.length);
          expect(Buffer.compare(body, whole.body.subarray(0, body.length))).toBe(0);
        } else {
          expect([status, JSON.parse(body.toString())]).toMatchObject([503, { code: 'storage_unavailable' }]);
          expect(body.toString()).not.toContain('EIO');
        }
        if (readableBytes === 0) expect(status).toBe(503);
        disk.readableBytes = Infinity;
        const again = await listen(path);
        expect([again.status, Buffer.compare(again.body, whole.body)]).toEqual([200, 0]);
      }
    },
  );

  it('cuts an endless stream that it breaks off', async () => {
    const path = '/api/streams/s/stream.mp3?play_mode=loop';
    disk.readableBytes = 2 * PIECE_BYTES;
    // It comes to an end at all.
    const { status, body } = await listen(path);
    expect(status).toBe(200);
    disk.readableBytes = Infinity;
    const whole = (await listen('/api/streams/s/stream.mp3')).body;
    const [first] = (
      await test.request('GET', '/api/streams/s/plan', { headers: { host: 'localhost' } })
    ).json<{
      tracks: { start_byte: number }[];
    }>().tracks;
    const audio = whole.subarray(first?.start_byte);
    expect(Buffer.compare(body, audio.subarray(0, body.length))).toBe(0);
  });
});
