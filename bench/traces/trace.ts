import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a real player asked for, and was seen to take, while it played an hour of a finite stream. */
export interface PlayerTrace {
  readonly player: string;
  /** How it was recorded: `node bench/traces/record.ts` does it again. */
  readonly recorded: string;
  readonly streamBytes: number;
  readonly requests: readonly TracedRequest[];
}

export interface TracedRequest {
  /** Into the playing, in seconds. */
  readonly atS: number;
  /** As the header says it; absent where there was none. */
  readonly range?: string;
  /** `Sec-Fetch-Dest`, which browsers send. */
  readonly fetchDest?: string;
  /** 307 where it was led to the object in the bucket. */
  readonly status: number;
  /** Of the body. */
  readonly takenBytes: number;
}

/** Players that were recorded. */
export const TRACES = ['chromium', 'chromium-seeking', 'ffmpeg', 'mpg123', 'curl'] as const;
export type TraceName = (typeof TRACES)[number];

/** A stream of one hour: fifteen songs, or chapters, of four minutes. */
export const HOUR = { name: 'hour', files: 15, framesEach: 9188, seconds: 3600 } as const;
export const HOUR_PATH = `/api/streams/${HOUR.name}/stream.mp3`;

export const traceFile = (name: TraceName): string => join(import.meta.dirname, `${name}.json`);

export async function readTrace(name: TraceName): Promise<PlayerTrace> {
  return JSON.parse(await readFile(traceFile(name), 'utf8')) as PlayerTrace;
}
