import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { addTrack } from '../../test/stream-library.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { makePlaylist } from './hls-playlist.ts';
import type { Ports } from './ports.ts';
import { emptyQueue, replaceQueue } from './stream-queue.ts';

const START_MS = 1_795_161_603_217;

describe('the queues before an edit', () => {
  let nowMs: number;
  let ports: Ports;

  beforeEach(async () => {
    nowMs = START_MS;
    ports = createMemoryPorts({ clock: () => nowMs });
    for (const name of ['a.mp3', 'b.mp3']) await addTrack(ports, name, 9000);
    await put(['a.mp3']);
  });

  const put = async (files: readonly string[]) =>
    (await replaceQueue(ports, LOCAL_CALLER, 's', { files, playMode: 'loop' })).stream;
  const list = () => {
    const listener = { address: '', userAgent: '' };
    return makePlaylist(ports, LOCAL_CALLER, { name: 's', live: true, skipMissing: false, listener });
  };

  it('are told to be lost when they are, and let go by emptying the stream', async () => {
    const { schedule } = await put(['b.mp3']);
    await ports.objects.delete(schedule?.before[0]?.queueKey ?? '');
    await expect(list()).rejects.toMatchObject({ code: 'missing_part' });
    await emptyQueue(ports, LOCAL_CALLER, 's');
    await put(['b.mp3']);
    expect(await list()).toMatchObject({ kind: 'clock' });
  });

  it('are not asked for once they have played, whether or not they are there', async () => {
    const { schedule } = await put(['b.mp3']);
    const [before] = schedule?.before ?? [];
    await ports.objects.delete(before?.queueKey ?? '');
    nowMs = (before?.untilMs ?? 0) + 3 * 60_000;
    expect(await list()).toMatchObject({ kind: 'clock' });
  });
});
