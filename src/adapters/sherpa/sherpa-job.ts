import type { SherpaModel } from './sherpa-model.ts';

/** What the process is told, as JSON in its only argument. */
export interface SherpaJob {
  readonly model: SherpaModel;
  /** ISO 639-1. */
  readonly language: string | undefined;
  readonly path: string;
  /** Of the samples in the file. */
  readonly startByte: number;
  readonly sizeBytes: number;
  readonly threads: number;
  /** What is required: `sherpa-onnx-node`. */
  readonly addon: string;
}

/** A stretch that the engine was given, and what it made of it, as sherpa-onnx has it in its results. */
export interface SherpaStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
  readonly tokens: readonly string[];
  /** Seconds into the stretch, of each token; empty for a model that tells no times. */
  readonly timestamps: readonly number[];
  readonly lang: string;
}

/** What the process says, a line each. */
export type SherpaMessage =
  { readonly ready: true } | { readonly stretch: SherpaStretch | null; readonly doneMs: number };

/** Exit codes of the process. */
export const EXIT_NO_ADDON = 3;
export const EXIT_BAD_MODEL = 4;

export const SAMPLE_RATE_HZ = 16_000;
