import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import type { SpokenWord } from '../../domain/spoken-words.ts';

/** `<s>`, `</s>`, `<sil>`, `[NOISE]`, `++UM++`: what is no word. */
const FILLER = /^(?:<.*>|\[.*\]|\+\+.*\+\+|)$/;
const SENTENCE_END = '</s>';
/** `to(2)`: a word by its second pronunciation. */
const PRONUNCIATION = /\(\d+\)$/;
/** `-time yes`: word, start and end in seconds, confidence. */
const ROW = /^(\S+) (\d+\.\d+) (\d+\.\d+) \S+$/;

const time = z.number().nonnegative();
const Utterance = z.object({ w: z.array(z.object({ b: time, d: time, t: z.string() })) });

/** Takes the lines that the program prints, and keeps what of them is speech. */
export interface PocketsphinxOutput {
  /** @throws engine_unavailable for a line that it cannot be */
  take(line: string): void;
  /** All words so far, in the order of time. To be called once, when the program has ended. */
  end(): SpokenWord[];
  /** How far into the piece the newest of them is. */
  readonly doneMs: number;
}

/**
 * pocketsphinx_continuous: for each stretch between pauses the sentence, and under it a row for each of its words.
 * Times are those of the file.
 */
export function readTable(): PocketsphinxOutput {
  const words: SpokenWord[] = [];
  let utterance: SpokenWord[] = [];
  const close = () => {
    words.push(...heardWords(utterance));
    utterance = [];
  };
  return {
    take(line) {
      const [row, text = '', start, end] = ROW.exec(line) ?? [];
      if (row === undefined) close();
      else utterance.push(tokenAt(text, Number(start), Number(end)));
    },
    end() {
      close();
      return words;
    },
    get doneMs() {
      return utterance.at(-1)?.endMs ?? words.at(-1)?.endMs ?? 0;
    },
  };
}

/** `pocketsphinx single`, of 5.x: `{"b": begin, "d": duration, "p": probability, "t": text, "w": [the same for each word]}`. */
export function readJsonLines(): PocketsphinxOutput {
  const words: SpokenWord[] = [];
  return {
    take(line) {
      if (line !== '') words.push(...heardWords(readUtterance(line)));
    },
    end: () => words,
    get doneMs() {
      return words.at(-1)?.endMs ?? 0;
    },
  };
}

function readUtterance(line: string): SpokenWord[] {
  try {
    return Utterance.parse(JSON.parse(line)).w.map(({ t, b, d }) => tokenAt(t, b, b + d));
  } catch (cause) {
    // 5.0 closes a list without words that it has not opened.
    if (/^\{"b":[^"]*"d":[^"]*"p":[^"]*"t":"","w":\]\}$/.test(line)) return [];
    throw new AppError('engine_unavailable', 'The speech engine answers with something else.', { cause });
  }
}

const tokenAt = (text: string, startS: number, endS: number): SpokenWord => ({
  text,
  startMs: Math.round(startS * 1000),
  endMs: Math.round(endS * 1000),
});

/** In silence and noise a single word is guessed at, with which the sentence never comes to its end. */
function heardWords(utterance: readonly SpokenWord[]): SpokenWord[] {
  const words = utterance
    .filter(({ text }) => !FILLER.test(text))
    .map((word) => ({ ...word, text: word.text.replace(PRONUNCIATION, '') }));
  return words.length === 1 && !utterance.some(({ text }) => text === SENTENCE_END) ? [] : words;
}
