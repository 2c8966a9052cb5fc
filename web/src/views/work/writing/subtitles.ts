import type { HeardSpeech } from './heard-query.ts';

/*
 * As `src/domain/transcript-format.ts` of the server writes them of a file. Of a recording that is not kept it has no such
 * addresses, and the page takes nothing of the server's but types.
 */

type Segments = HeardSpeech['segments'];

/** SubRip. It has no way to escape anything, and an empty line ends a cue. */
export const toSubRip = (segments: Segments): string =>
  cuesOf(segments)
    .map(({ start_s: startS, end_s: endS, text }, index) => {
      const times = `${clockTime(startS, ',')} --> ${clockTime(endS, ',')}`;
      return `${String(index + 1)}\n${times}\n${text.replaceAll(/--+>/g, '->')}\n`;
    })
    .join('\n');

/** WebVTT (https://www.w3.org/TR/webvtt1/, sections 4.1 and 4.2.2). `>` too: "-->" may not be in a cue. */
export const toWebVtt = (segments: Segments): string =>
  cuesOf(segments)
    .map(({ start_s: startS, end_s: endS, text }) => {
      const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      return `\n${clockTime(startS, '.')} --> ${clockTime(endS, '.')}\n${escaped}\n`;
    })
    .reduce((before, cue) => before + cue, 'WEBVTT\n');

/** One line each. */
const cuesOf = (segments: Segments) =>
  segments
    .map((segment) => ({ ...segment, text: segment.text.replaceAll(/\s+/g, ' ').trim() }))
    .filter(({ text }) => text !== '');

/** `01:02:03.004`; hours as many as there are. */
function clockTime(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000);
  const padded = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  const [hours, minutes] = [padded(ms / 3_600_000, 2), padded((ms / 60_000) % 60, 2)];
  return `${hours}:${minutes}:${padded((ms / 1000) % 60, 2)}${point}${padded(ms % 1000, 3)}`;
}
