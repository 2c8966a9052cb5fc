import { beforeEach, describe, expect, it } from 'vitest';
import { framesToMs, msToFrame } from '../audio/frame-pace.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { addTrack } from '../../test/stream-library.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { importStreams } from './import-streams.ts';
import type { Ports } from './ports.ts';
import { emptyQueue, replaceQueue } from './stream-queue.ts';
import { editStream } from './streams.ts';
import { sweepRetired } from './sweep-retired.ts';

const PACE = { samplesPerFrame: 1152, sampleRateHz: 44_100 };
const START_MS = 1_795_161_603_217;
/** a: 3000 frames, b: 2000, c: 100; an epoch of a and b is about 130 s. */
const LENGTHS = { 'a.mp3': 3000, 'b.mp3': 2000, 'c.mp3': 100 };

describe('an edit of a stream without end', () => {
  let nowMs: number;
  let ports: Ports;

  beforeEach(async () => {
    nowMs = START_MS;
    ports = createMemoryPorts({ clock: () => nowMs });
    for (const [name, frames] of Object.entries(LENGTHS)) await addTrack(ports, name, frames);
  });

  const put = async (files: readonly string[], playMode = 'loop') =>
    (await replaceQueue(ports, LOCAL_CALLER, 's', { files, playMode })).stream;
  const frameNow = () => msToFrame(nowMs, PACE);

  it('is heard at the end of the epoch that plays; the queue before is kept until then', async () => {
    expect((await put(['a.mp3', 'b.mp3'])).schedule).toBeUndefined();
    const { schedule } = await put(['c.mp3'], 'endless-shuffle');
    const epoch = Math.floor(frameNow() / 5000) + 1;
    expect(schedule).toMatchObject({ startFrame: epoch * 5000, firstEpoch: epoch });
    expect(schedule?.before).toMatchObject([
      { playMode: 'loop', startFrame: 0, firstEpoch: 0, untilFrame: epoch * 5000 },
    ]);
    const { queueKey = '', queueBytes } = schedule?.before[0] ?? {};
    const kept = Buffer.concat(await Array.fromAsync(ports.objects.read(queueKey)));
    expect(JSON.parse(kept.toString())).toEqual({ until_frame: epoch * 5000, files: ['a.mp3', 'b.mp3'] });
    expect(kept.length).toBe(queueBytes);
  });

  it('counts alone when it is the last of several before that', async () => {
    await put(['a.mp3', 'b.mp3']);
    const first = await put(['c.mp3']);
    nowMs += 5000;
    const second = await put(['b.mp3']);
    expect(second.files).toEqual(['b.mp3']);
    expect(second.schedule).toEqual(first.schedule);
  });

  it('lets go what is listed already, though the epoch ends before', async () => {
    await put(['c.mp3']);
    const { schedule } = await put(['a.mp3']);
    const startMs = framesToMs(schedule?.startFrame ?? 0, PACE);
    // Up to 30 s are listed ahead, 40 by a clock that is ahead itself; an epoch is 2.6 s.
    const listedMs = Math.floor(nowMs / 10_000) * 10_000 + 40_000;
    expect(startMs).toBeGreaterThanOrEqual(listedMs - 1);
    expect(startMs).toBeLessThan(listedMs + 2700);
    // The new queue is listed by now, and so plays its own epoch to the end.
    nowMs = startMs - 15_000;
    const { schedule: next } = await put(['b.mp3']);
    expect(next?.before).toHaveLength(2);
    expect(next?.startFrame).toBe((schedule?.startFrame ?? 0) + 3000);
    expect(next?.firstEpoch).toBe((schedule?.firstEpoch ?? 0) + 1);
  });

  it('forgets what nobody asks for any more, and its object a day later', async () => {
    await put(['a.mp3']);
    const { schedule } = await put(['b.mp3']);
    const key = schedule?.before[0]?.queueKey ?? '';
    nowMs = framesToMs(schedule?.startFrame ?? 0, PACE) + 3 * 60_000 + 1;
    const { schedule: next } = await put(['c.mp3']);
    expect(next?.before).toHaveLength(1);
    expect(next?.before[0]?.startFrame).toBe(schedule?.startFrame);
    await sweepRetired(ports);
    expect(await ports.objects.find(key)).not.toBeNull();
    nowMs += 24 * 3_600_000;
    await sweepRetired(ports);
    expect(await ports.objects.find(key)).toBeNull();
  });

  it('keeps a bounded number of queues, however often it comes', async () => {
    for (let edit = 0; edit < 60; edit += 1) {
      const { schedule } = await put([edit % 2 === 0 ? 'c.mp3' : 'b.mp3']);
      expect(schedule?.before.length ?? 0).toBeLessThanOrEqual(8);
      nowMs += 7000;
    }
  });

  it('says another mode, or none without end, in the same way', async () => {
    await put(['a.mp3', 'b.mp3']);
    const { stream } = await editStream(ports, LOCAL_CALLER, 's', { playMode: 'sequential' });
    expect(stream.schedule?.before[0]).toMatchObject({ playMode: 'loop' });
    expect(framesToMs(stream.schedule?.startFrame ?? 0, PACE)).toBeGreaterThan(nowMs);
    const { stream: titled } = await editStream(ports, LOCAL_CALLER, 's', { title: 'Night' });
    expect(titled.schedule).toEqual(stream.schedule);
  });

  it('is heard at once where there was an end, or nothing could play, or nothing is left', async () => {
    expect((await put(['a.mp3'], 'shuffle')).schedule).toBeUndefined();
    expect((await put(['b.mp3'], 'loop')).schedule).toBeUndefined();
    const { stream: empty } = await emptyQueue(ports, LOCAL_CALLER, 's');
    expect(empty.schedule).toBeUndefined();
    await put(['b.mp3']);
    await ports.audioFiles.delete('default', 'b.mp3');
    expect((await put(['a.mp3'])).schedule).toBeUndefined();
  });

  it('takes over how far an imported stream has come, without the queues that its home kept', async () => {
    const key = `queues/${'a'.repeat(64)}.json`;
    const old = { queueKey: key, queueBytes: 9, playMode: 'loop', startFrame: 0, firstEpoch: 0 } as const;
    const schedule = {
      startFrame: 500,
      firstEpoch: 3,
      before: [{ ...old, untilFrame: 500, untilMs: 13_062 }],
    };
    await importStreams(ports, LOCAL_CALLER, [{ name: 't', files: ['a.mp3'], loop: true, schedule }], 'skip');
    const stream = await ports.streams.find('default', 't');
    expect(stream?.schedule).toEqual({ startFrame: 500, firstEpoch: 3, before: [] });
  });
});
