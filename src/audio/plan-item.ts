import type { Endless } from './endless.ts';
import { epochTracks } from './endless.ts';
import type { Fade } from './fade.ts';
import type { PlanPart } from './plan-part.ts';

/** A stretch whose bytes are known: what a plan is made of. */
export type PlanItem =
  | {
      readonly kind: 'part';
      readonly partIndex: number;
      /** Start, bytes and frames are those that are heard; key, hash and size those of the whole part. */
      readonly part: PlanPart;
      /** Of the whole part, the first that is heard. */
      readonly firstFrame: number;
      readonly fade?: Fade | undefined;
      /** Goes on with the track of the item before. */
      readonly isContinued: boolean;
    }
  | {
      readonly kind: 'turns';
      readonly endless: Endless;
      readonly firstEpoch: number;
      readonly epochCount: number;
    };

export const framesOf = (item: PlanItem): number =>
  item.kind === 'part' ? item.part.frameCount : item.epochCount * item.endless.epochFrames;

export const bytesOf = (item: PlanItem): number =>
  item.kind === 'part' ? item.part.audioBytes : item.epochCount * item.endless.epochBytes;

/** Every part that is heard. */
export function partsOf(items: readonly PlanItem[]): PlanPart[] {
  const parts: PlanPart[] = [];
  for (const item of items) {
    if (item.kind === 'part') parts.push(item.part);
    else for (const part of item.endless.parts) parts.push(part);
  }
  return parts;
}

/** Of more tracks than these in a row of turns, to look at each would take longer than all the rest of a plan. */
const MAX_TRACKS_LOOKED_AT = 10_000;

/**
 * About where frame `frame` of an item begins, in bytes from the item's start. Inside a part its bytes are taken as
 * spread evenly, and where turns have very many tracks, inside a turn: who asks needs it to 1/256 of the whole, as a
 * hint, and a plan reads nothing.
 */
export function byteOfFrame(item: PlanItem, frame: number): number {
  if (item.kind === 'part') return Math.floor((frame * item.part.audioBytes) / item.part.frameCount);
  const { endless, firstEpoch, epochCount } = item;
  const { epochFrames, epochBytes } = endless;
  if (epochCount * endless.parts.length > MAX_TRACKS_LOOKED_AT) {
    return Math.floor((frame * epochBytes) / epochFrames);
  }
  const epoch = Math.floor(frame / epochFrames);
  let rest = frame - epoch * epochFrames;
  let byte = epoch * epochBytes;
  for (const { part } of epochTracks(endless, firstEpoch + epoch)) {
    if (rest < part.frameCount) return byte + Math.floor((rest * part.audioBytes) / part.frameCount);
    rest -= part.frameCount;
    byte += part.audioBytes;
  }
  return byte;
}
