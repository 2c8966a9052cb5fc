import type { FrameIndex } from './frame-index.ts';
import { findFrameByte } from './part-frames.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PlanItem } from './plan-item.ts';
import type { PlanPart } from './plan-part.ts';
import type { PartStretch, Stretch } from './stretch.ts';

export interface CutOptions {
  /** Asked once for each part that is cut. */
  readonly loadIndex: (part: PlanPart) => Promise<FrameIndex>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the bytes of stretches. Only where a part is cut is anything read: its frame index, and up to 64 frames. That
 * is where playing starts, where a fade begins and where a timer ends it: three cuts at most, however long the stream.
 *
 * @throws what the store and `loadIndex` throw; storage_unavailable when an index does not belong to its part; aborted
 */
export async function cutStretches(
  stretches: readonly Stretch[],
  pieces: PieceCache,
  { loadIndex, signal }: CutOptions,
): Promise<PlanItem[]> {
  const indexes = new Map<string, FrameIndex>();

  async function findByte(part: PlanPart, frame: number): Promise<number> {
    if (frame === 0) return 0;
    if (frame === part.frameCount) return part.audioBytes;
    const index = indexes.get(part.sha256) ?? (await loadIndex(part));
    indexes.set(part.sha256, index);
    return findFrameByte(part, index, frame, pieces, signal);
  }

  async function cut({ part, firstFrame, endFrameExclusive }: PartStretch): Promise<PlanPart> {
    const frameCount = endFrameExclusive - firstFrame;
    const start = await findByte(part, firstFrame);
    const audioBytes = (await findByte(part, endFrameExclusive)) - start;
    return { ...part, audioStartByte: part.audioStartByte + start, audioBytes, frameCount };
  }

  const items: PlanItem[] = [];
  for (const stretch of stretches) {
    if (stretch.kind === 'turns') {
      items.push(stretch);
      continue;
    }
    const { partIndex, fade, firstFrame } = stretch;
    const isContinued = firstFrame > 0 && items.length > 0;
    const isWhole = firstFrame === 0 && stretch.endFrameExclusive === stretch.part.frameCount;
    // Not awaited where nothing is cut: a queue may have thousands.
    const part = isWhole ? stretch.part : await cut(stretch);
    items.push({ kind: 'part', partIndex, part, firstFrame, fade, isContinued });
  }
  return items;
}
