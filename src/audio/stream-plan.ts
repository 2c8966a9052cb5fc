import { createHash } from 'node:crypto';
import { DEFAULT_PROFILE } from '../domain/media-tool.ts';
import type { AudioProfile } from '../domain/media-tool.ts';
import type { Endless } from './endless.ts';
import type { Fade } from './fade.ts';
import { commonPace, framesToMs } from './frame-pace.ts';
import type { FramePace } from './frame-pace.ts';
import { makeInfoFrame } from './info-frame.ts';
import type { InfoFrameContent } from './info-frame.ts';
import { byteOfFrame, bytesOf, framesOf, partsOf } from './plan-item.ts';
import type { PlanItem } from './plan-item.ts';
import type { PlanPart } from './plan-part.ts';
import type { SleepTimer } from './sleep.ts';

/** Raised whenever the same parts in the same order would give other bytes than before. */
export const JOINER_VERSION = 1;

const ETAG_BYTES = 16;

interface Place {
  readonly start: number;
  readonly endExclusive: number;
}

/** Where bytes `start` to `endExclusive` of the joined stream come from. */
export type PlanSegment =
  | (Place & { readonly kind: 'bytes'; readonly bytes: Uint8Array })
  | (Place & {
      readonly kind: 'part';
      readonly partIndex: number;
      readonly key: string;
      /** Of the whole object under `key`. */
      readonly sizeBytes: number;
      /** Where in the object the segment's first byte is. */
      readonly sourceStart: number;
      /** What becomes of its frames on the way; they keep their lengths. */
      readonly transform?: Fade | undefined;
    })
  | (Place & {
      /** Whole turns through a queue, one after the other. */
      readonly kind: 'turns';
      readonly endless: Endless;
      readonly firstEpoch: number;
    });

/** What a reader needs: every byte, by where it comes from. */
export interface JoinedBytes {
  readonly totalBytes: number;
  /** Of the Info frame, or of what else stands before the first item. */
  readonly leadBytes: number;
  /** Without gaps from 0 to `totalBytes`, in order. */
  readonly segments: readonly PlanSegment[];
}

/** A finite joined stream. */
export interface StreamPlan extends JoinedBytes {
  /** Unquoted; letters, digits, `-` and `_`. */
  readonly etag: string;
  readonly durationMs: number;
  readonly pace: FramePace;
  readonly items: readonly PlanItem[];
}

export interface PlanOptions {
  /** Enters the ETag, also where it cuts nothing; what it cuts is in the items. */
  readonly sleep?: SleepTimer | undefined;
  readonly profile?: AudioProfile | undefined;
}

/**
 * A finite stream: an Info frame, then the audio frames of each item.
 *
 * Pure: the same items give the same plan, ETag and bytes everywhere. Of the parts only what decides bytes enters the
 * ETag.
 * @throws conflict when there is nothing to play, or when parts of different profiles would have to be joined
 */
export function planStream(items: readonly PlanItem[], options: PlanOptions = {}): StreamPlan {
  const parts = partsOf(items);
  const pace = commonPace(parts);
  const content = describeJoined(items, parts, pace, options.profile ?? DEFAULT_PROFILE);
  const infoFrame = makeInfoFrame(content);
  return {
    etag: hashItems(items, infoFrame, options.sleep),
    durationMs: framesToMs(content.frameCount, pace),
    pace,
    items,
    ...joinBytesOf(items, infoFrame),
  };
}

/** Bytes that stand before all, then the audio frames of each item. */
export function joinBytesOf(items: readonly PlanItem[], lead: Uint8Array): JoinedBytes {
  const leadBytes = lead.length;
  const segments: PlanSegment[] = [{ kind: 'bytes', bytes: lead, start: 0, endExclusive: leadBytes }];
  let start = leadBytes;
  for (const item of items) {
    const endExclusive = start + bytesOf(item);
    segments.push(segmentOf(item, start, endExclusive));
    start = endExclusive;
  }
  return { totalBytes: start, leadBytes, segments };
}

function segmentOf(item: PlanItem, start: number, endExclusive: number): PlanSegment {
  if (item.kind === 'turns') {
    const { endless, firstEpoch } = item;
    return { kind: 'turns', endless, firstEpoch, start, endExclusive };
  }
  const { partIndex, fade } = item;
  const { key, sizeBytes, audioStartByte: sourceStart } = item.part;
  const segment = { kind: 'part', partIndex, key, sizeBytes, sourceStart, start, endExclusive } as const;
  return fade === undefined ? segment : { ...segment, transform: fade };
}

/** What the joined audio is, for its Info frame. */
function describeJoined(
  items: readonly PlanItem[],
  parts: readonly PlanPart[],
  pace: FramePace,
  profile: AudioProfile,
): InfoFrameContent {
  const bitrateKbps = parts[0]?.bitrateKbps;
  const constantBitrate = parts.every((part) => part.constantBitrate && part.bitrateKbps === bitrateKbps);
  let next = 0;
  let itemFrame = 0;
  let itemByte = 0;
  return {
    sampleRateHz: pace.sampleRateHz,
    channels: profile.channels,
    bitrateKbps: constantBitrate && bitrateKbps !== undefined ? bitrateKbps : profile.bitrateKbps,
    constantBitrate,
    frameCount: items.reduce((sum, item) => sum + framesOf(item), 0),
    audioBytes: items.reduce((sum, item) => sum + bytesOf(item), 0),
    byteOfFrame: (frame) => {
      let item = items[next];
      while (item !== undefined && frame >= itemFrame + framesOf(item)) {
        itemFrame += framesOf(item);
        itemByte += bytesOf(item);
        next += 1;
        item = items[next];
      }
      return item === undefined ? itemByte : itemByte + byteOfFrame(item, frame - itemFrame);
    },
  };
}

/** 128 bits of SHA-256 over the joiner's version, the Info frame, and which bytes of which content follow. */
function hashItems(items: readonly PlanItem[], infoFrame: Uint8Array, sleep: SleepTimer | undefined): string {
  const hash = createHash('sha256').update(`earshot/joiner/${JOINER_VERSION}\n`).update(infoFrame);
  // In one piece: a call for each of thousands of parts takes longer than all the rest of a plan.
  let names = '';
  for (const item of items) names += nameItem(item);
  hash.update(names);
  if (sleep !== undefined) hash.update(`\nsleep ${sleep.ms} ${sleep.mode}`);
  return hash.digest().subarray(0, ETAG_BYTES).toString('base64url');
}

const namePart = ({ sha256, audioStartByte, audioBytes }: PlanPart): string =>
  `\n${sha256} ${audioStartByte} ${audioBytes}`;

function nameItem(item: PlanItem): string {
  if (item.kind === 'turns') {
    const { mode, seed, parts } = item.endless;
    const turns = `\nturns ${mode} ${seed} ${item.firstEpoch} ${item.epochCount} ${parts.length}`;
    return turns + parts.map(namePart).join('');
  }
  const { part, fade } = item;
  return namePart(part) + (fade === undefined ? '' : ` fade ${fade.firstFrame} ${fade.frameCount}`);
}
