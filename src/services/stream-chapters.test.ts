import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryAudioFileStore } from '../adapters/memory/memory-audio-file-store.ts';
import { audioFile } from '../../test/sample-records.ts';
import type { AudioFileStore } from '../domain/audio-file.ts';
import type { Chapter } from '../domain/chapter.ts';
import { findStreamChapters } from './stream-chapters.ts';

const numbered = (count: number): Chapter[] =>
  Array.from({ length: count }, (_, number) => ({ title: `${number}`, startMs: number * 10 }));

describe('findStreamChapters', () => {
  let audioFiles: AudioFileStore;
  beforeEach(() => {
    audioFiles = createMemoryAudioFileStore();
  });

  async function add(filename: string, chapters: readonly Chapter[]): Promise<void> {
    const { revision } = await audioFiles.create(audioFile(filename));
    await audioFiles.save(audioFile(filename), revision, chapters);
  }
  const find = (tracks: Parameters<typeof findStreamChapters>[2]) =>
    findStreamChapters({ audioFiles }, 'default', tracks);

  it('tells them at their times in the stream, as far as the track goes, each time that it plays', async () => {
    await add('a.mp3', numbered(3));
    await add('b.mp3', []);
    const tracks = [
      { filename: 'b.mp3', startMs: 0, durationMs: 100 },
      { filename: 'a.mp3', startMs: 100.5, durationMs: 100 },
      { filename: 'a.mp3', startMs: 200.5, durationMs: 20 },
      { filename: 'missing.mp3', startMs: 300, durationMs: 1 },
    ];
    const starts = (await find(tracks)).map((chapters) => chapters.map(({ startMs }) => startMs));
    expect(starts).toEqual([[], [100.5, 110.5, 120.5], [200.5, 210.5], []]);
  });

  it('tells those of the first tracks of very many', async () => {
    await add('a.mp3', numbered(1000));
    const tracks = Array.from({ length: 5000 }, (_, index) => ({
      filename: 'a.mp3',
      startMs: index * 10_000,
      durationMs: 10_000,
    }));
    const counts = (await find(tracks)).map(({ length }) => length);
    expect(counts.slice(0, 12)).toEqual([...Array<number>(10).fill(1000), 0, 0]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  });

  it('asks the store for a bounded number of names, and stops when it has enough', async () => {
    const asked: number[] = [];
    for (let number = 0; number < 20; number += 1) await add(`${number}.mp3`, numbered(1000));
    const counting: AudioFileStore = {
      ...audioFiles,
      findChapters: (tenantId, names) => {
        asked.push(names.length);
        return audioFiles.findChapters(tenantId, names);
      },
    };
    const tracks = Array.from({ length: 250 }, (_, number) => ({
      filename: `${number}.mp3`,
      startMs: 0,
      durationMs: 10_000,
    }));
    const chapters = await findStreamChapters({ audioFiles: counting }, 'default', tracks);
    expect(asked).toEqual([100]);
    expect(chapters.filter(({ length }) => length > 0)).toHaveLength(10);
  });
});
