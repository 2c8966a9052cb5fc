import type { HeardSpeech } from './heard-query.ts';

type Segments = HeardSpeech['segments'];

/** SubRip. It has no way to escape anything, and an empty line ends a cue. */
export const toSubRip = (segments: Segments): string =>
  segments
    .map(({ start_s: startS, end_s: endS, text }, index) => {
      const times = `${clockTime(startS, ',')} --> ${clockTime(endS, ',')}`;
      return `${String(index + 1)}\n${times}\n${oneLine(text).replaceAll(/--+>/g, '->')}\n`;
    })
    .join('\n');

/** WebVTT (https://www.w3.org/TR/webvtt1/, sections 4.1 and 4.2.2). `>` too: "-->" may not be in a cue. */
export const toWebVtt = (segments: Segments): string =>
  segments
    .map(({ start_s: startS, end_s: endS, text }) => {
      const escaped = oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      return `\n${clockTime(startS, '.')} --> ${clockTime(endS, '.')}\n${escaped}\n`;
    })
    .reduce((before, cue) => before + cue, 'WEBVTT\n');

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** `01:02:03.004`; hours as many as there are. */
function clockTime(seconds: number, point: string): string {
  const ms = Math.round(seconds * 1000);
  const padded = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  const [hours, minutes] = [padded(ms / 3_600_000, 2), padded((ms / 60_000) % 60, 2)];
  return `${hours}:${minutes}:${padded((ms / 1000) % 60, 2)}${point}${padded(ms % 1000, 3)}`;
}
