import { readFileSync } from 'node:fs';

interface Line {
  readonly event: 'up' | 'begin' | 'end' | 'final';
  readonly requestId: string;
  readonly status?: string;
  readonly pid: number;
  readonly atMs: number;
}

/** One run of a handler. */
export interface Run {
  readonly requestId: string;
  readonly pid: number;
  readonly beginMs: number;
  /** For one that was killed, when its process was seen to be gone. */
  readonly endMs: number;
}

export interface RunLog {
  readonly runs: readonly Run[];
  /** Final states that workers have written, by request. */
  readonly finals: ReadonlyMap<string, readonly string[]>;
}

/** @param goneMs when each killed process was gone */
export function readRunLog(path: string, goneMs: ReadonlyMap<number, number>): RunLog {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const open = new Map<string, Line>();
  const runs: Run[] = [];
  const finals = new Map<string, string[]>();
  for (const line of lines) {
    const key = `${line.pid} ${line.requestId}`;
    if (line.event === 'begin') open.set(key, line);
    if (line.event === 'final') {
      finals.set(line.requestId, [...(finals.get(line.requestId) ?? []), line.status ?? '']);
    }
    if (line.event !== 'end') continue;
    const begin = open.get(key);
    open.delete(key);
    if (begin === undefined) throw new Error('A run ended that never began.');
    runs.push({ requestId: line.requestId, pid: line.pid, beginMs: begin.atMs, endMs: line.atMs });
  }
  for (const { requestId, pid, atMs } of open.values()) {
    const endMs = goneMs.get(pid);
    if (endMs === undefined) throw new Error('A run did not end, and its process was not killed.');
    runs.push({ requestId, pid, beginMs: atMs, endMs });
  }
  return { runs, finals };
}

/** Pairs of runs of the same request that were there at the same time. */
export function findOverlaps(runs: readonly Run[]): (readonly [Run, Run])[] {
  const overlaps: (readonly [Run, Run])[] = [];
  for (const ofRequest of Map.groupBy(runs, ({ requestId }) => requestId).values()) {
    const inOrder = ofRequest.toSorted((a, b) => a.beginMs - b.beginMs);
    for (const [index, run] of inOrder.entries()) {
      const next = inOrder[index + 1];
      if (next !== undefined && next.beginMs < run.endMs) overlaps.push([run, next]);
    }
  }
  return overlaps;
}
