import type { ErrorCode } from '../domain/app-error.ts';

/** What transcriptions of this process came to, for `/metrics`; all of it only rises. */
export interface SpeechTally {
  /** By how they ended: `completed`, `cached`, or an error's code. */
  readonly ends: Map<'completed' | 'cached' | ErrorCode, number>;
  inputBytes: number;
  recordedMs: number;
  /** Of what was recorded, what an engine was given. */
  heardMs: number;
  decodingMs: number;
  engineMs: number;
  /** Temporary files that were removed, and that could not be. */
  clearedFiles: number;
  clearFailures: number;
}

export function createSpeechTally(): SpeechTally {
  return {
    ends: new Map(),
    inputBytes: 0,
    recordedMs: 0,
    heardMs: 0,
    decodingMs: 0,
    engineMs: 0,
    clearedFiles: 0,
    clearFailures: 0,
  };
}

export function countEnd({ ends }: SpeechTally, end: 'completed' | 'cached' | ErrorCode): void {
  ends.set(end, (ends.get(end) ?? 0) + 1);
}
