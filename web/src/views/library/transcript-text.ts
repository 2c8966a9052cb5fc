import type { Transcript } from '../../api/types.ts';

export type Segment = Transcript['segments'][number];

const LINE = /^\s*\[(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\]\s?(.*)$/;

/** `[1:02.34]`: exact enough that what is not changed keeps its time. */
function stampOf(seconds: number): string {
  const hundredths = Math.round(seconds * 100);
  const minutes = Math.floor(hundredths / 6000);
  return `[${String(minutes)}:${((hundredths % 6000) / 100).toFixed(2).padStart(5, '0')}]`;
}

/** One line for each segment, with the time that it begins at. */
export const toLines = (segments: readonly Segment[]): string =>
  segments.map(({ start_s: startS, text }) => `${stampOf(startS)} ${text}`).join('\n');

/**
 * What somebody made of the lines. A line that begins as before keeps its times; a line without a time goes on with the
 * one above it.
 *
 * @param durationS of the recording: where the last segment may end
 */
export function toSegments(lines: string, before: readonly Segment[], durationS: number): Segment[] {
  const known = new Map(before.map((segment) => [stampOf(segment.start_s), segment]));
  const segments: Segment[] = [];
  for (const line of lines.split('\n')) {
    const match = LINE.exec(line);
    const last = segments.at(-1);
    if (match === null) {
      if (line.trim() !== '' && last !== undefined) last.text = `${last.text} ${line.trim()}`;
      else if (line.trim() !== '') segments.push({ start_s: 0, end_s: durationS, text: line.trim() });
      continue;
    }
    const [, hours = '0', minutes = '0', seconds = '0', text = ''] = match;
    const startS = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    const same = known.get(stampOf(startS));
    if (text.trim() === '') continue;
    segments.push({ start_s: same?.start_s ?? startS, end_s: same?.end_s ?? durationS, text: text.trim() });
  }
  // What is new ends where the next begins.
  return segments.map((segment, index) => {
    const nextS = segments[index + 1]?.start_s ?? durationS;
    const isKnown = known.get(stampOf(segment.start_s))?.end_s === segment.end_s;
    return isKnown ? segment : { ...segment, end_s: Math.max(segment.start_s, nextS) };
  });
}
