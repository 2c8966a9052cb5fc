import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryAudioFileStore } from '../adapters/memory/memory-audio-file-store.ts';
import { audioFile } from '../../test/sample-records.ts';
import type { AudioFile, AudioFileStore } from '../domain/audio-file.ts';
import type { Chapter } from '../domain/chapter.ts';
import { findStreamChapters } from './stream-chapters.ts';

const numbered = (count: number): Chapter[] =>
  Array.from({ length: count }, (_, number) => ({ title: `${number}`, startMs: number * 10 }));

describe('findStreamChapters', () => {
  let audioFiles: AudioFileStore;
  beforeEach(() => {
    audioFiles = createMemoryAudioFileStore();
  });

  async function add(filename: string, chapters: readonly Chapter[]): Promise<AudioFile> {
    const { revision } = await audioFiles.create(audioFile(filename));
    return audioFiles.save(audioFile(filename), revision, { chapters });
  }
  const find = (tracks: Parameters<typeof findStreamChapters>[2]) =>
    findStreamChapters({ audioFiles }, 'default', tracks);

  it('tells them at their times in the stream, as far as the track goes, each time that it plays', async () => {
    const a = await add('a.mp3', numbered(3));
    const b = await add('b.mp3', []);
    const gone = audioFile('gone.mp3', { chapterCount: 3 });
    const tracks = [
      { file: b, startMs: 0, durationMs: 100 },
      { file: a, startMs: 100.5, durationMs: 100 },
      { file: a, startMs: 200.5, durationMs: 20 },
      { file: gone, startMs: 300, durationMs: 1 },
    ];
    const starts = (await find(tracks)).map((chapters) => chapters.map(({ startMs }) => startMs));
    expect(starts).toEqual([[], [100.5, 110.5, 120.5], [200.5, 210.5], []]);
  });

  it('counts from where a track is cut, and begins with the one that plays there', async () => {
    const file = await add('a.mp3', numbered(5));
    const cut = { file, startMs: 100, durationMs: 20 };
    const tracks = [
      { ...cut, fromMs: 10 },
      { ...cut, fromMs: 14 },
      { ...cut, fromMs: 4000 },
    ];
    const starts = (await find(tracks)).map((chapters) =>
      chapters.map(({ title, startMs }) => `${title} at ${startMs}`),
    );
    expect(starts).toEqual([['1 at 100', '2 at 110'], ['1 at 100', '2 at 106', '3 at 116'], ['4 at 100']]);
  });

  it('tells those of the first tracks of very many', async () => {
    const file = await add('a.mp3', numbered(1000));
    const tracks = Array.from({ length: 5000 }, (_, index) => ({
      file,
      startMs: index * 10_000,
      durationMs: 10_000,
    }));
    const counts = (await find(tracks)).map(({ length }) => length);
    expect(counts.slice(0, 12)).toEqual([...Array<number>(10).fill(1000), 0, 0]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000);
  });

  it('asks only about files that have any, a bounded number at a time, until it has enough', async () => {
    const asked: number[] = [];
    const files = await Promise.all(
      Array.from({ length: 250 }, (_, number) => add(`${number}.mp3`, numbered(number % 2 === 0 ? 500 : 0))),
    );
    const counting: AudioFileStore = {
      ...audioFiles,
      findChapters: (tenantId, names) => {
        asked.push(names.length);
        return audioFiles.findChapters(tenantId, names);
      },
    };
    const tracks = files.map((file) => ({ file, startMs: 0, durationMs: 10_000 }));
    const chapters = await findStreamChapters({ audioFiles: counting }, 'default', tracks);
    expect(asked).toEqual([100]);
    expect(chapters.filter(({ length }) => length > 0)).toHaveLength(20);
    await findStreamChapters({ audioFiles: counting }, 'default', tracks.slice(0, 1));
    await findStreamChapters({ audioFiles: counting }, 'default', tracks.slice(1, 2));
    expect(asked).toEqual([100, 1]);
  });
});
