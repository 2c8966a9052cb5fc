/*
 * Between this program and the process in which eSpeak runs: on its standard input a line of JSON for each order, on
 * ANSWER_DESCRIPTOR the answer to one after the other. An answer is frames, each of four bytes for its length (little-endian)
 * and so many of content; an empty one is its end.
 */
import type { EspeakVoice } from './espeak-module.ts';

export type EspeakOrder =
  | { readonly kind: 'voices' }
  | {
      readonly kind: 'speak';
      /** Of a voice, `identifier`. */
      readonly voice: string;
      /** Words a minute. */
      readonly rate: number;
      readonly markup: string;
    };

/** What `voices` is answered, as JSON. */
export interface EspeakVoices {
  readonly sampleRateHz: number;
  readonly voices: readonly EspeakVoice[];
}

export const ANSWER_DESCRIPTOR = 3;
export const FRAME_HEAD_BYTES = 4;
