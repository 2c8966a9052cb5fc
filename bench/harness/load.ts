import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';

/** Audio that is asked for over and over, each connection as soon as it has its answer. */
export interface BulkLoad {
  readonly url: string;
  /** Asked for by turns. */
  readonly paths: readonly string[];
  readonly connections: number;
  /** A fifth of it is for warming up. */
  readonly durationMs: number;
  /** Of each of the paths. */
  readonly totalBytes: number;
  /** Ranges of this length from random places, instead of all. */
  readonly rangeBytes?: number;
  /** Each path once and no more, however long that takes. */
  readonly once?: boolean;
}

export interface BulkResult {
  readonly ms: number;
  readonly bytes: number;
  readonly answers: number;
  /** Of the client: near `ms`, it was the client that was measured. */
  readonly processorMs: number;
}

export const runBulk = (load: BulkLoad): Promise<BulkResult> => runClient('bulk-client.ts', load);

/** Runs a client as a process of its own. @throws when it says so, or dies */
export async function runClient<Result>(script: string, load: object): Promise<Result> {
  const child = fork(join(import.meta.dirname, script));
  const ended = once(child, 'exit');
  const answer = once(child, 'message') as Promise<[Result | { error: string }]>;
  child.send(load);
  const first = await Promise.race([answer, ended.then(() => null)]);
  if (first === null) throw new Error(`${script} died.`);
  await ended;
  const [result] = first;
  if (typeof result === 'object' && result !== null && 'error' in result)
    throw new Error(String(result.error));
  return result;
}

/** SHA-256 of a body, or of one range of it. @throws when the answer is none */
export async function hashAnswer(url: string, range?: string): Promise<string> {
  const response = await fetch(url, { headers: range === undefined ? {} : { range } });
  if (response.status !== (range === undefined ? 200 : 206)) {
    throw new Error(`${url} answered ${response.status}.`);
  }
  const hash = createHash('sha256');
  for await (const chunk of response.body ?? []) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
