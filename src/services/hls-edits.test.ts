import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { joinBytes } from '../audio/fixtures/synthetic-mp3.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { addTrack } from '../../test/stream-library.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { makePlaylist } from './hls-playlist.ts';
import type { ClockSegment } from './hls-playlist.ts';
import { openClockSegment } from './hls-segment.ts';
import type { Ports } from './ports.ts';
import { replaceQueue } from './stream-queue.ts';

const LENGTHS: Readonly<Record<string, number>> = {
  'a.mp3': 3,
  'b.mp3': 40,
  'c.mp3': 370,
  'd.mp3': 1500,
  'e.mp3': 2600,
};
const POLL_MS = 7000;

const queues = fc.record({
  files: fc.array(fc.constantFrom(...Object.keys(LENGTHS)), { minLength: 1, maxLength: 4 }),
  playMode: fc.constantFrom('loop', 'endless-shuffle'),
});
const histories = fc.record({
  startMs: fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
  first: queues,
  edits: fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 60_000 }), queue: queues }), {
    maxLength: 6,
  }),
});

describe('whoever listens while a stream without end is edited', () => {
  let ports: Ports;
  let nowMs = 0;
  let runs = 0;

  beforeAll(async () => {
    ports = createMemoryPorts({ clock: () => nowMs });
    for (const [name, frames] of Object.entries(LENGTHS)) await addTrack(ports, name, frames);
  });

  it('hears whole tracks, every frame once, and nothing listed becomes anything else', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async ({ startMs, first, edits }) => {
        runs += 1;
        const name = `stream-${runs}`;
        nowMs = startMs;
        const request = { name, live: true, skipMissing: false, listener: { address: '', userAgent: '' } };
        const put = (queue: typeof first) => replaceQueue(ports, LOCAL_CALLER, name, queue);
        const listed = new Map<number, ClockSegment>();
        const audio: Uint8Array[] = [];

        async function listenUntil(endMs: number): Promise<void> {
          for (; nowMs < endMs; nowMs = Math.min(endMs, nowMs + POLL_MS)) {
            const playlist = await makePlaylist(ports, LOCAL_CALLER, request);
            if (playlist.kind !== 'clock') throw new Error('It has no end.');
            expect(playlist.isEnded).toBe(false);
            for (const segment of playlist.segments) {
              const before = listed.get(segment.number);
              if (before !== undefined) expect(segment.id).toBe(before.id);
              else audio.push(await gather(segment));
              listed.set(segment.number, segment);
            }
          }
        }

        async function gather(segment: ClockSegment): Promise<Uint8Array> {
          const again = { ...request, live: false, seed: segment.seed };
          const opened = await openClockSegment(ports, LOCAL_CALLER, again, segment);
          const range = { start: 0, endExclusive: opened.totalBytes };
          return joinBytes(await Array.fromAsync(opened.open(range, new AbortController().signal)));
        }

        await put(first);
        for (const { waitMs, queue } of edits) {
          await listenUntil(nowMs + waitMs);
          await put(queue);
        }
        await listenUntil(nowMs + 130_000);

        const numbers = [...listed.keys()];
        expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
        const heard = framesIn(joinBytes(audio));
        for (const [index, { track, frame }] of heard.entries()) {
          const before = heard[index - 1];
          if (before === undefined) continue;
          const isNext = before.track === track && frame === before.frame + 1;
          const begins = frame === 0 && before.frame + 1 === LENGTHS[before.track];
          if (!isNext && !begins) expect([before, { track, frame }]).toBe('in order');
        }
      }),
      { numRuns: 40 },
    );
  });
});

const framesIn = (bytes: Uint8Array) =>
  [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/([a-e]\.mp3):(\d+);/g),
  ].map(([, track = '', frame]) => ({
    track,
    frame: Number(frame),
  }));
