import { parseFrameHeader } from './frame-header.ts';
import { moveGlobalGain } from './side-information.ts';

/** A fall to silence over a row of frames, which may come from several parts. */
export interface Fade {
  /** How many frames have faded before the first of these. */
  readonly firstFrame: number;
  /** Of the whole fall. */
  readonly frameCount: number;
}

/** 60 dB in steps of 1.5 dB, which is what `global_gain` has: from the target of -16 LUFS to what no room lets hear. */
export const FADE_STEPS = 40;

/** How long the fall is, where there is so much audio. */
export const FADE_MS = 20_000;

/**
 * Steps of 1.5 dB that frame `frame` of the fall is moved by: -1 in the first, -40 in the last, straight in decibels,
 * which is heard as even. Another fall is another `JOINER_VERSION`: the bytes of plans would be others.
 */
export const fadeSteps = (frame: number, frameCount: number): number =>
  -1 - Math.floor((frame * FADE_STEPS) / frameCount);

/** Lowers whole frames in place; the first of them is frame `fade.firstFrame` of the fall. */
export function fadeFrames(frames: Uint8Array, fade: Fade): void {
  let frame = fade.firstFrame;
  for (let at = 0; at < frames.length; frame += 1) {
    const header = parseFrameHeader(frames, at);
    if (header === null) throw new RangeError('These are not whole frames.');
    moveGlobalGain(frames, at, header, fadeSteps(frame, fade.frameCount));
    at += header.frameBytes;
  }
}
