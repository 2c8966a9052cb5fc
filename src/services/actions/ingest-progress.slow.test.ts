import { expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';

it.each([1, 2])('tells how far a long file is, rising with the audio done: %i at once', async (maxRuns) => {
  const bench = await openIngestBench({ ffmpeg: { maxRuns } });
  const told: { percentage: number; message: string }[] = [];
  const wav = makeToneWav({ seconds: 1500, amplitude: 0.1, sampleRateHz: 16_000, channels: 1 });
  await bench.run(await bench.upload(wav, {}), {
    report: (percentage, message) => told.push({ percentage, message }),
  });
  const percentages = told.map(({ percentage }) => percentage);
  expect(percentages).toEqual([...percentages].sort((one, other) => one - other));
  expect(percentages.at(-1)).toBe(99);
  // Neither one leap nor a standstill: each step is that of the audio done in a second or so.
  const encoding = told.filter(({ message }) => message === 'making it playable');
  expect(new Set(encoding.map(({ percentage }) => percentage)).size).toBeGreaterThan(3);
  expect([...new Set(told.map(({ message }) => message))]).toEqual([
    'looking into the file',
    'measuring the loudness',
    'making it playable',
    'storing',
  ]);
  await bench.close();
});
