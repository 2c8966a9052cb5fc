import { describe, expect, it } from 'vitest';
import { SEGMENT_MS } from '../audio/hls-segments.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { addTrack } from '../../test/stream-library.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { openClockSegment } from './hls-segment.ts';
import { makePlaylist } from './hls-playlist.ts';
import { createRecentIndexes } from './recent-indexes.ts';
import { replaceQueue } from './stream-queue.ts';

const index = (entries: number) => ({
  frameCount: entries * 64,
  audioBytes: entries * 26_000,
  offsets: Array.from({ length: entries }, (_, entry) => entry * 26_000),
});

describe('recent frame indexes', () => {
  it('hold no more than they may', () => {
    const indexes = createRecentIndexes(10);
    indexes.hold('a', index(6));
    indexes.hold('b', index(4));
    expect(indexes.find('a')).toEqual(index(6));
    indexes.hold('c', index(3));
    expect(indexes.find('b')).toBeUndefined();
    expect(indexes.find('c')).toEqual(index(3));
    indexes.hold('d', index(11));
    expect(indexes.find('d')).toBeUndefined();
  });

  it('spare the store whoever plays by segments', async () => {
    let nowMs = 1_795_161_603_217;
    const ports = createMemoryPorts({ clock: () => nowMs });
    await addTrack(ports, 'a.mp3', 9000);
    await replaceQueue(ports, LOCAL_CALLER, 's', { files: ['a.mp3'], playMode: 'loop' });
    const read: string[] = [];
    const objects: typeof ports.objects = {
      ...ports.objects,
      read: (key, range, signal) => {
        read.push(key);
        return ports.objects.read(key, range, signal);
      },
    };
    const listener = { address: '', userAgent: '' };
    const request = { name: 's', live: true, skipMissing: false, listener };
    for (let segments = 0; segments < 12; segments += 1) {
      const playlist = await makePlaylist(ports, LOCAL_CALLER, request);
      const last = playlist.kind === 'clock' ? playlist.segments.at(-1) : undefined;
      if (last === undefined) throw new Error('It has no end.');
      await openClockSegment({ ...ports, objects }, LOCAL_CALLER, request, last);
      nowMs += SEGMENT_MS;
    }
    expect(read.filter((key) => key.startsWith('index/'))).toHaveLength(1);
  });
});
