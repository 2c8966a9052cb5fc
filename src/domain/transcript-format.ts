import type { Transcript, TranscriptSegment } from './transcript.ts';

/** A pause that is as long begins a paragraph. */
const PARAGRAPH_PAUSE_MS = 2000;
const HOUR_MS = 3_600_000;

/** Paragraphs with an empty line between them: what is said without a longer pause is one. */
export function toPlainText({ segments, text }: Transcript): string {
  if (text !== undefined) return text;
  const paragraphs: string[] = [];
  let lines: string[] = [];
  let endMs = 0;
  for (const segment of segments) {
    if (segment.text === '') continue;
    if (lines.length > 0 && segment.startMs - endMs >= PARAGRAPH_PAUSE_MS) {
      paragraphs.push(lines.join(' '));
      lines = [];
    }
    lines.push(segment.text);
    endMs = segment.endMs;
  }
  if (lines.length > 0) paragraphs.push(lines.join(' '));
  return paragraphs.join('\n\n');
}

/** SubRip. It has no way to escape anything, and an empty line ends a cue. */
export function toSubRip(transcript: Transcript, durationMs: number): string {
  return cuesOf(transcript, durationMs)
    .map(({ startMs, endMs, text }, index) => {
      const times = `${clockTime(startMs, ',')} --> ${clockTime(endMs, ',')}`;
      return `${index + 1}\n${times}\n${text.replace(/--+>/g, '->')}\n`;
    })
    .join('\n');
}

/** WebVTT (https://www.w3.org/TR/webvtt1/, sections 4.1 and 4.2.2). */
export function toWebVtt(transcript: Transcript, durationMs: number): string {
  const cues = cuesOf(transcript, durationMs).map(
    ({ startMs, endMs, text }) =>
      `${clockTime(startMs, '.')} --> ${clockTime(endMs, '.')}\n${escapeCue(text)}\n`,
  );
  return ['WEBVTT\n', ...cues].join('\n');
}

/** One line each. What has no times is one cue from beginning to end. */
function cuesOf({ segments, text }: Transcript, durationMs: number): TranscriptSegment[] {
  const told = text === undefined ? segments : [{ startMs: 0, endMs: durationMs, text }];
  return told
    .map((segment) => ({ ...segment, text: segment.text.replace(/\s+/g, ' ').trim() }))
    .filter((segment) => segment.text !== '');
}

/** `>` too: "-->" may not be in a cue. */
const escapeCue = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `01:02:03.004`; hours as many as there are. */
function clockTime(ms: number, point: string): string {
  const whole = Math.max(0, Math.round(ms));
  const padded = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  const hours = padded(whole / HOUR_MS, 2);
  const minutes = padded((whole % HOUR_MS) / 60_000, 2);
  const seconds = padded((whole % 60_000) / 1000, 2);
  return `${hours}:${minutes}:${seconds}${point}${padded(whole % 1000, 3)}`;
}
