import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { RecordedObjects } from '../audio/fixtures/recorded-objects.ts';
import { gather } from '../audio/fixtures/synthetic-mp3.ts';
import { storePart } from '../audio/fixtures/synthetic-parts.ts';
import type { SyntheticPart } from '../audio/fixtures/synthetic-parts.ts';
import { encodeFrameIndex } from '../audio/frame-index.ts';
import { createPieceCache } from '../audio/piece-cache.ts';
import type { ByteRange, ObjectStore } from '../domain/object-store.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { audioFile } from '../../test/sample-records.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { playFile } from './play-file.ts';
import { playStream } from './play-stream.ts';
import type { Ports } from './ports.ts';

const PIECE_BYTES = 8192;
const FRAME_MS = (1152 * 1000) / 44_100;
const FRAMES = 6000;
/** 64 frames of up to 320 kbit/s. */
const MAX_SEARCH_BYTES = 64 * 1045 + 2 * PIECE_BYTES;

interface Read {
  readonly key: string;
  readonly bytes: number;
}

/** Tells what is read of which object. */
function recordReads(objects: ObjectStore, reads: Read[]): ObjectStore {
  return {
    ...objects,
    readRange: async (key, range, signal) => {
      reads.push({ key, bytes: range.endExclusive - range.start });
      return objects.readRange(key, range, signal);
    },
    read: (key, range, signal) => {
      const chunks = objects.read(key, range, signal);
      return (async function* () {
        for await (const chunk of chunks) {
          reads.push({ key, bytes: chunk.length });
          yield chunk;
        }
      })();
    },
  };
}

/** Files of two and a half minutes whose frames have five bit rates in turn, as an unwound MP3 has. */
describe('playing from a second', () => {
  let ports: Ports;
  let reads: Read[];
  let parts: SyntheticPart[];

  beforeEach(async () => {
    reads = [];
    const stored = createMemoryObjectStore();
    const objects = recordReads(stored, reads);
    const pieces = createPieceCache(objects, { pieceBytes: PIECE_BYTES, maxBytes: 100 * PIECE_BYTES });
    ports = createMemoryPorts({ objects, pieces, policy: { auth: 'off' } });
    parts = [];
    for (const name of ['a', 'b', 'c']) {
      const part = storePart(new RecordedObjects(), name, FRAMES, { isMixed: true });
      parts.push(part);
      await stored.write(part.key, [new Uint8Array(part.audioStartByte), part.audio]);
      await stored.write(`index/${name}`, [encodeFrameIndex(part.frameIndex)]);
      const { audio: _audio, frameIndex: _index, ...shape } = part;
      const playable = { ...shape, profileVersion: 1, gainSteps: 0 };
      await ports.audioFiles.create(audioFile(`${name}.mp3`, { part: playable }));
    }
    await ports.streams.save({
      tenantId: 'default',
      name: 's',
      files: ['a.mp3', 'b.mp3', 'c.mp3'],
      playMode: 'sequential',
      persistence: 'permanent',
    });
  });

  const sumOf = (prefix: string) =>
    reads.filter(({ key }) => key.startsWith(prefix)).reduce((sum, { bytes }) => sum + bytes, 0);

  const stream = async (fromMs: number, playMode = 'sequential') => {
    const listener = { address: '192.0.2.1', userAgent: 'radio' };
    const request = { name: 's', playMode, fromMs, listener, skipMissing: false, namedEtags: [] };
    const playback = await playStream(ports, LOCAL_CALLER, request);
    if (playback.kind !== 'finite') throw new Error('It has an end.');
    return playback;
  };
  const file = (fromMs: number) => playFile(ports, LOCAL_CALLER, 'a.mp3', { original: false, fromMs });

  /** By the name that stands in each frame. */
  const startOf = (part: SyntheticPart, frame: number) =>
    Buffer.from(part.audio).indexOf(`${part.sha256}:${frame}`) - 40;

  const FRACTIONS = [
    [0.0261, 0],
    [0.02613, 1],
    [1.5, 57],
    [77.777_777, 2977],
    [156.7, 5998],
  ] as const;

  it.each(FRACTIONS)('%d s of a file begins with frame %d of it', async (fromS, frame) => {
    const playback = await file(fromS * 1000);
    const bytes = await gather(playback.read({ start: 0, endExclusive: playback.sizeBytes }));
    const expected = (parts[0] ?? never()).audio.subarray(startOf(parts[0] ?? never(), frame));
    expect(Buffer.compare(bytes.subarray(bytes.length - expected.length), expected)).toBe(0);
    expect(new DataView(bytes.buffer).getUint32(44)).toBe(FRAMES - frame);
  });

  it('reads of a file its index, the frames around the place, and the range that is asked for', async () => {
    const playback = await file(100_000);
    expect(reads.filter(({ key }) => key.startsWith('index/'))).toHaveLength(1);
    expect(sumOf('index/')).toBeLessThan(500);
    expect(sumOf('playable/')).toBeLessThan(MAX_SEARCH_BYTES);
    reads.length = 0;
    await gather(playback.read({ start: 500_000, endExclusive: 501_000 }));
    expect(sumOf('')).toBeLessThanOrEqual(2 * PIECE_BYTES);
  });

  it('reads of a stream only what it needs of the file that plays then', async () => {
    const fromFrame = 2 * FRAMES + 777;
    const playback = await stream(fromFrame * FRAME_MS + 1);
    expect(new Set(reads.map(({ key }) => key))).toEqual(new Set(['index/c', 'playable/c.mp3']));
    expect(sumOf('playable/')).toBeLessThan(MAX_SEARCH_BYTES);
    const bytes = await readAll(playback.plan.totalBytes, (range, signal) => playback.open(range, signal));
    const part = parts[2] ?? never();
    expect(
      Buffer.compare(bytes.subarray(playback.plan.leadBytes), part.audio.subarray(startOf(part, 777))),
    ).toBe(0);
  });

  it('reads nothing but what is asked for where it starts with a file', async () => {
    const playback = await stream(FRAMES * FRAME_MS + 0.001);
    expect(playback.plan.items).toMatchObject([{ partIndex: 1 }, { partIndex: 2 }]);
    expect(reads).toEqual([]);
  });

  it('gives ranges of the same bytes, under an ETag of its own', async () => {
    const [whole, cut, same] = [await stream(0), await stream(1234.5), await stream(1234.6)];
    expect(new Set([whole.plan.etag, cut.plan.etag]).size).toBe(2);
    // Within one frame it is the same MP3.
    expect(same.plan.etag).toBe(cut.plan.etag);
    const open = (range: ByteRange, signal: AbortSignal) => cut.open(range, signal);
    const bytes = await readAll(cut.plan.totalBytes, open);
    const range = { start: 1_000_000, endExclusive: 1_000_100 };
    const piece = await gather(open(range, new AbortController().signal));
    expect(piece).toEqual(bytes.slice(range.start, range.endExclusive));
  });

  it.each([157, 1e9])('refuses %d s, which is past the end of the file', async (fromS) => {
    await expect(file(fromS * 1000)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(stream(3 * fromS * 1000)).rejects.toMatchObject({ code: 'invalid_input' });
    expect(reads).toEqual([]);
  });
});

const readAll = (
  totalBytes: number,
  open: (range: ByteRange, signal: AbortSignal) => AsyncIterable<Uint8Array>,
): Promise<Uint8Array> => gather(open({ start: 0, endExclusive: totalBytes }, new AbortController().signal));

const never = (): never => {
  throw new Error('It is there.');
};
