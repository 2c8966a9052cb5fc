import { describe, expect, it } from 'vitest';
import { readJsonLines, readTable, type PocketsphinxOutput } from './pocketsphinx-output.ts';

function heard(output: PocketsphinxOutput, text: string) {
  for (const line of text.trim().split('\n')) output.take(line);
  return output.end().map(({ text: word, startMs, endMs }) => [word, startMs, endMs]);
}

// As printed by 0.8+5prealpha.
const TABLE = `
dog to market
<s> 2.880 3.150 1.000000
dog 5.530 5.890 0.721345
<sil> 5.900 6.000 0.984519
[NOISE] 6.000 6.100 0.100000
to(3) 19.990 20.090 -nan
market(2) 20.170 20.680 0.846776
</s> 20.690 21.160 1.000000
she
<s> 22.000 22.100 1.000000
she 22.110 22.300 1.000000
</s> 22.310 22.400 1.000000`;

// As printed by 5.1.
const LINE =
  '{"b":0.000,"d":3.000,"p":0.001,"t":"to market","w":[{"b":0.000,"d":1.000,"p":1.000,"t":"<s>"},' +
  '{"b":1.000,"d":0.110,"p":0.281,"t":"to(3)"},{"b":1.110,"d":0.520,"p":0.837,"t":"market"},' +
  '{"b":1.630,"d":1.370,"p":1.000,"t":"</s>"}]}';

describe('the output of pocketsphinx_continuous', () => {
  it('has words and their times, without silence, noise and variants of pronunciation', () => {
    expect(heard(readTable(), TABLE)).toEqual([
      ['dog', 5530, 5890],
      ['to', 19990, 20090],
      ['market', 20170, 20680],
      ['she', 22110, 22300],
    ]);
  });

  it('has no speech in a word with which no sentence came to its end', () => {
    expect(heard(readTable(), 'thigh\n<s> 0.000 0.020 1.000000\nthigh 0.030 0.760 1.000000')).toEqual([]);
    expect(heard(readTable(), '\n<s> 0.000 0.100 1.000000\n</s> 0.110 0.630 1.000000')).toEqual([]);
  });

  it('tells how far it has come', () => {
    const output = readTable();
    expect(output.doneMs).toBe(0);
    output.take('she 22.110 22.300 1.000000');
    expect(output.doneMs).toBe(22_300);
  });
});

describe('the output of pocketsphinx single', () => {
  it('has words and their times', () => {
    expect(heard(readJsonLines(), LINE)).toEqual([
      ['to', 1000, 1110],
      ['market', 1110, 1630],
    ]);
  });

  it('has no speech in silence', () => {
    const guess =
      '{"b":0.000,"d":3.000,"p":1.000,"t":"dog","w":[{"b":0.000,"d":0.030,"p":1.000,"t":"<s>"},{"b":0.030,"d":2.960,"p":1.000,"t":"dog"}]}';
    expect(heard(readJsonLines(), guess)).toEqual([]);
    expect(heard(readJsonLines(), '{"b":0.000,"d":0.030,"p":1.000,"t":"","w":[]}')).toEqual([]);
    expect(heard(readJsonLines(), '{"b":0.000,"d":0.030,"p":1.000,"t":"","w":]}')).toEqual([]);
  });

  it('is refused when it is something else', () => {
    for (const line of ['Segmentation fault', '{"w":[{"t":1}]}', '[]']) {
      expect(() => heard(readJsonLines(), line)).toThrow(
        expect.objectContaining({ code: 'engine_unavailable' }),
      );
    }
  });
});
