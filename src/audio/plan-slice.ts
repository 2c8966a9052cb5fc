import { cutStretches } from './cut-stretches.ts';
import type { CutOptions } from './cut-stretches.ts';
import type { PieceCache } from './piece-cache.ts';
import { framesOf } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import type { PlanPart } from './plan-part.ts';
import { stretchesBetween } from './stretch.ts';
import type { PartStretch, Stretch } from './stretch.ts';

/**
 * Frames `start` to `endExclusive` of what is heard, counted from the first after the Info frame. Fades go on as they do
 * in the whole. Where it cuts, the index of the part is loaded, and up to 64 frames are read.
 *
 * @throws as `cutStretches`
 */
export async function slicePlan(
  items: readonly PlanItem[],
  start: number,
  endExclusive: number,
  pieces: PieceCache,
  options: CutOptions,
): Promise<PlanItem[]> {
  const stretches: Stretch[] = [];
  let itemStart = 0;
  for (const item of items) {
    const itemFrames = framesOf(item);
    const first = Math.max(0, start - itemStart);
    const end = Math.min(itemFrames, endExclusive - itemStart);
    if (first < end) stretches.push(...(await stretchesOf(item, first, end, options)));
    itemStart += itemFrames;
    if (itemStart >= endExclusive) break;
  }
  return cutStretches(stretches, pieces, options);
}

/** @param first of the item's own frames */
async function stretchesOf(
  item: PlanItem,
  first: number,
  end: number,
  options: CutOptions,
): Promise<Stretch[]> {
  if (item.kind === 'turns') {
    const { endless, firstEpoch } = item;
    const startFrame = firstEpoch * endless.epochFrames;
    return stretchesBetween(endless, startFrame + first, startFrame + end);
  }
  const { partIndex, fade } = item;
  const stretch: PartStretch = {
    kind: 'part',
    partIndex,
    part: await wholePart(item.part, item.firstFrame, options),
    firstFrame: item.firstFrame + first,
    endFrameExclusive: item.firstFrame + end,
  };
  if (fade === undefined) return [stretch];
  return [{ ...stretch, fade: { ...fade, firstFrame: fade.firstFrame + first } }];
}

/** Of a part that was cut, the whole: its audio reaches to the end of the object. */
async function wholePart(part: PlanPart, firstFrame: number, { loadIndex }: CutOptions): Promise<PlanPart> {
  if (firstFrame === 0 && part.audioStartByte + part.audioBytes === part.sizeBytes) return part;
  const { frameCount, audioBytes } = await loadIndex(part);
  return { ...part, audioStartByte: part.sizeBytes - audioBytes, audioBytes, frameCount };
}
