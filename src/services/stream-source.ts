import { createEndless } from '../audio/endless.ts';
import { readEndless } from '../audio/endless-reader.ts';
import type { TimedChunk } from '../audio/endless-reader.ts';
import { decodeFrameIndex } from '../audio/frame-index.ts';
import type { FrameIndex } from '../audio/frame-index.ts';
import { msToFrame } from '../audio/frame-pace.ts';
import { pace } from '../audio/pacer.ts';
import { findFrameByte } from '../audio/part-frames.ts';
import type { PlanPart, StreamPlan } from '../audio/stream-plan.ts';
import { readPlan } from '../audio/stream-reader.ts';
import { AppError, isNotFound, ValidationError } from '../domain/app-error.ts';
import { frameIndexKey } from '../domain/object-key.ts';
import type { ByteRange } from '../domain/object-store.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import type { Ports } from './ports.ts';

export type SourcePorts = Pick<Ports, 'objects' | 'pieces' | 'clock'>;

const BURST_MS = 10_000;

/** The bytes of a finite stream. @throws missing_part for a part that has gone since it was looked for */
export function readFinite(
  ports: SourcePorts,
  plan: StreamPlan,
  range: ByteRange,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return partsGone(readPlan(plan, range, ports.pieces, signal));
}

/**
 * An endless stream from a time on, at playing speed after a burst of 10 s.
 * @throws conflict when the parts cannot be joined
 */
export function openEndless(
  ports: SourcePorts,
  parts: readonly PlanPart[],
  order: { readonly mode: PlayMode; readonly seed: number },
  fromMs: number,
): (signal: AbortSignal) => AsyncIterable<Uint8Array> {
  const endless = createEndless(parts, order.mode, order.seed);
  return (signal) => {
    const loadIndex = (part: PlanPart) => loadFrameIndex(ports, part, signal);
    const source = readEndless(endless, ports.pieces, { fromMs, loadIndex, signal });
    return partsGone(bytesOf(pace(source, { burstMs: BURST_MS, clock: ports.clock, signal })));
  };
}

/**
 * The parts from a time on: the one that plays then is cut before the frame that holds it. As parts they make a plan
 * of their own, with an Info frame and an ETag of its own.
 * @throws {ValidationError} for a time past the end
 */
export async function partsFrom(
  ports: SourcePorts,
  parts: readonly PlanPart[],
  fromMs: number,
  signal?: AbortSignal,
): Promise<PlanPart[]> {
  const [first] = parts;
  if (fromMs === 0 || first === undefined) return [...parts];
  let frame = msToFrame(fromMs, first);
  for (const [place, part] of parts.entries()) {
    if (frame < part.frameCount)
      return [await cutPart(ports, part, frame, signal), ...parts.slice(place + 1)];
    frame -= part.frameCount;
  }
  throw new ValidationError('from', 'The audio ends before this time.');
}

async function cutPart(
  ports: SourcePorts,
  part: PlanPart,
  frame: number,
  signal: AbortSignal | undefined,
): Promise<PlanPart> {
  if (frame === 0) return part;
  const byte = await findFrameByte(
    part,
    await loadFrameIndex(ports, part, signal),
    frame,
    ports.pieces,
    signal,
  );
  return {
    ...part,
    audioStartByte: part.audioStartByte + byte,
    audioBytes: part.audioBytes - byte,
    frameCount: part.frameCount - frame,
  };
}

async function loadFrameIndex(
  ports: Pick<Ports, 'objects'>,
  part: PlanPart,
  signal: AbortSignal | undefined,
): Promise<FrameIndex> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of partsGone(ports.objects.read(frameIndexKey(part.sha256), undefined, signal))) {
    chunks.push(chunk);
  }
  return decodeFrameIndex(Buffer.concat(chunks));
}

async function* bytesOf(chunks: AsyncIterable<TimedChunk>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { bytes } of chunks) yield bytes;
}

/** A listener learns that a part is missing, not that some object is not found. */
async function* partsGone(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new AppError('missing_part', 'A part of this stream has gone from the store.', { cause: error });
  }
}
