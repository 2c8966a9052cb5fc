import type { Span, SpeechSound } from './speech-sound.ts';

export interface SpeechPlanOptions {
  /** Whether long pauses are left out, beside silence at both ends. */
  readonly trimPauses: boolean;
  readonly maxPieceMs: number;
  /** What of the sound is meant; all of it without them. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** Left of a silence beside what is said: the beginnings and ends of words are faint, and twice as much is a pause to
 * an engine still. */
const MARGIN_MS = 400;
/** Shorter ones belong to how somebody speaks. */
const LONG_PAUSE_MS = 2000;
/** How far from where a piece would end for all to be of one length a better place is looked for. */
const REACH = 0.2;

/**
 * Which spans of a sound an engine is given, piece by piece: without silence at both ends, each of at most
 * `maxPieceMs`, cut in the longest silence near where it would end.
 * @returns nothing for a sound that is silent all along
 */
export function planSpeech(
  { durationMs, silences }: Pick<SpeechSound, 'durationMs' | 'silences'>,
  options: SpeechPlanOptions,
): Span[][] {
  const { fromMs = 0, toMs = Infinity, maxPieceMs, trimPauses } = options;
  const all: Span = { startMs: fromMs, endMs: Math.min(toMs, durationMs) };
  const within = clipped(silences, all);
  const kept = keptSpans(all, within, trimPauses);
  const pauses = pausesIn(kept, within);
  const pieces: Span[][] = [];
  let left = kept;
  const totalMs = lengthOf(kept);
  for (let leftMs = totalMs; leftMs > maxPieceMs; leftMs = lengthOf(left)) {
    const wantedMs = leftMs / Math.ceil(leftMs / maxPieceMs);
    const { head, tail } = cutAt(left, bestCut(pauses, totalMs - leftMs, wantedMs, maxPieceMs));
    pieces.push(head);
    left = tail;
  }
  return left.length === 0 ? pieces : [...pieces, left];
}

function clipped(silences: readonly Span[], { startMs, endMs }: Span): Span[] {
  return silences
    .map((span) => ({ startMs: Math.max(span.startMs, startMs), endMs: Math.min(span.endMs, endMs) }))
    .filter((span) => span.startMs < span.endMs);
}

function keptSpans(all: Span, silences: readonly Span[], trimPauses: boolean): Span[] {
  const isLeftOut = (silence: Span) =>
    silence.startMs <= all.startMs ||
    silence.endMs >= all.endMs ||
    (trimPauses && silence.endMs - silence.startMs >= LONG_PAUSE_MS);
  const spans: Span[] = [];
  let { startMs } = all;
  for (const silence of silences.filter(isLeftOut)) {
    const isFirst = silence.startMs <= all.startMs;
    const isLast = silence.endMs >= all.endMs;
    if (isFirst && isLast) return [];
    const endMs = isFirst ? silence.startMs : Math.min(silence.startMs + MARGIN_MS, silence.endMs);
    if (endMs > startMs) spans.push({ startMs, endMs });
    startMs = isLast ? all.endMs : Math.max(silence.endMs - MARGIN_MS, silence.startMs);
  }
  if (all.endMs > startMs) spans.push({ startMs, endMs: all.endMs });
  return spans;
}

/** Where it is silent in what is kept, in the time of that: hours of speech have thousands, and as many spans. */
function pausesIn(kept: readonly Span[], silences: readonly Span[]): Span[] {
  const pauses: Span[] = [];
  let place = 0;
  let beforeMs = 0;
  for (const span of kept) {
    const toKeptMs = (ms: number) =>
      beforeMs + Math.min(Math.max(ms, span.startMs), span.endMs) - span.startMs;
    for (; place < silences.length; place += 1) {
      const silence = silences[place];
      if (silence === undefined || silence.startMs >= span.endMs) break;
      if (silence.endMs > span.startMs) {
        pauses.push({ startMs: toKeptMs(silence.startMs), endMs: toKeptMs(silence.endMs) });
      }
      // What goes on after a span is in the next one, too.
      if (silence.endMs > span.endMs) break;
    }
    beforeMs += span.endMs - span.startMs;
  }
  return pauses;
}

/** The middle of the longest pause within reach of `wantedMs` after `fromMs`, else `wantedMs`; from there. */
function bestCut(pauses: readonly Span[], fromMs: number, wantedMs: number, maxPieceMs: number): number {
  const firstMs = wantedMs * (1 - REACH);
  const lastMs = Math.min(wantedMs * (1 + REACH), maxPieceMs);
  let best = { atMs: wantedMs, lengthMs: 0 };
  for (const { startMs, endMs } of pauses) {
    const atMs = (startMs + endMs) / 2 - fromMs;
    if (atMs >= firstMs && atMs <= lastMs && endMs - startMs > best.lengthMs) {
      best = { atMs, lengthMs: endMs - startMs };
    }
  }
  return best.atMs;
}

function cutAt(spans: readonly Span[], atMs: number): { head: Span[]; tail: Span[] } {
  const head: Span[] = [];
  const tail: Span[] = [];
  let beforeMs = 0;
  for (const span of spans) {
    const cutMs = Math.min(Math.max(span.startMs + atMs - beforeMs, span.startMs), span.endMs);
    if (cutMs > span.startMs) head.push({ startMs: span.startMs, endMs: cutMs });
    if (cutMs < span.endMs) tail.push({ startMs: cutMs, endMs: span.endMs });
    beforeMs += span.endMs - span.startMs;
  }
  return { head, tail };
}

export const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
