import { toPlainText, toSubRip, toWebVtt } from '../domain/transcript-format.ts';
import type { Transcript } from '../domain/transcript.ts';

/** What a transcript can be had as, besides JSON. */
export const TEXT_FORMATS = {
  txt: { mediaType: 'text/plain', write: toPlainText },
  vtt: { mediaType: 'text/vtt', write: toWebVtt },
  srt: { mediaType: 'application/x-subrip', write: toSubRip },
} as const satisfies Record<
  string,
  { mediaType: string; write: (transcript: Transcript, durationMs: number) => string }
>;

export type TextFormat = keyof typeof TEXT_FORMATS;
export type TranscriptFormat = 'json' | TextFormat;

/** Which the server prefers, of equal ones. */
const OFFERED: readonly (readonly [TranscriptFormat, string])[] = [
  ['json', 'application/json'],
  ['txt', TEXT_FORMATS.txt.mediaType],
  ['vtt', TEXT_FORMATS.vtt.mediaType],
  ['srt', TEXT_FORMATS.srt.mediaType],
];

/** What an `Accept` asks for (RFC 9110, 12.5.1); JSON where it names nothing that there is. */
export function acceptedFormat(accept: string | undefined): TranscriptFormat {
  const ranges = (accept ?? '*/*').split(',').map(parseRange);
  const best = OFFERED.map(([format, mediaType]) => ({ format, weight: weightOf(mediaType, ranges) })).reduce(
    (a, b) => (b.weight > a.weight ? b : a),
  );
  return best.weight > 0 ? best.format : 'json';
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function parseRange(range: string): MediaRange {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}

/** That of the range which names it most exactly. */
function weightOf(mediaType: string, ranges: readonly MediaRange[]): number {
  const general = `${mediaType.slice(0, mediaType.indexOf('/'))}/*`;
  for (const name of [mediaType, general, '*/*']) {
    const range = ranges.find(({ type }) => type === name);
    if (range !== undefined) return range.weight;
  }
  return 0;
}
