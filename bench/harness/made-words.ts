import type { AudioFile } from '../../src/domain/audio-file.ts';

/** Names, titles and descriptions as a library has them: few words often, many seldom. The same each time. */
export interface WordSource {
  /** By how often it comes, from 0. */
  word(rank: number): string;
  describe(this: void, number: number): Partial<AudioFile>;
}

const WORDS = 20_000;
const SYLLABLES =
  'ba ko li ra mun ter sha vel dor ni quo pas zed fi gra hul jor ce wy xan sto the mo ing'.split(' ');
const START_MS = Date.UTC(2025, 0, 1);

export function createWordSource(): WordSource {
  let state = 1;
  /** From 0 to 1 (Numerical Recipes' linear congruential generator). */
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const word = (rank: number): string => {
    let text = '';
    for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) {
      text += SYLLABLES[rest % SYLLABLES.length] ?? '';
    }
    return text;
  };
  /** The word of rank r comes with a frequency of 1/r, as in language (Zipf's law). */
  const anyWord = (): string => word(Math.floor(WORDS ** random()) - 1);
  const text = (count: number): string => Array.from({ length: count }, anyWord).join(' ');
  const upTo = (count: number): number => Math.floor(random() * count);
  return {
    word,
    describe: () => ({
      title: text(2 + upTo(4)),
      description: text(upTo(2) * upTo(40)),
      tags: Array.from({ length: upTo(3) }, anyWord),
      durationMs: upTo(3_000_000),
      createdAtMs: START_MS + upTo(10_000_000_000),
      state: upTo(50) === 0 ? 'failed' : 'ready',
    }),
  };
}
