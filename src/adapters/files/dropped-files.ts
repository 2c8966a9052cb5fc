import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { DroppedFile } from '../../domain/library-folder.ts';
import type { Log } from '../../domain/log.ts';
import { inodeOf } from './published-files.ts';
import type { PublishedFiles } from './published-files.ts';
import { unlessGone } from './system-error.ts';

/** Watches the directory for files that somebody puts there. */
export interface DroppedFiles {
  list(): Promise<DroppedFile[]>;
  ignore(file: DroppedFile): void;
  /** @returns the file as it is now, null when it is another one or gone */
  isUnchanged(file: DroppedFile): Promise<boolean>;
}

export interface DroppedFilesOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly maxCandidates?: number | undefined;
}

interface Candidate {
  readonly version: string;
  readonly sizeBytes: number;
  readonly sinceMs: number;
  readonly isIgnored: boolean;
}

const STABLE_AFTER_MS = 5000;
/** FAT keeps times to two seconds: a second change within may leave the directory's time as it was. */
const TIME_PRECISION_MS = 2500;
/** Each look at the directory asks about at most as many files of either kind; the others have their turn later. */
const LOOKED_AT_ONCE = 256;
const STATS_AT_ONCE = 32;
/** Files that are not ours and not taken in, known at a time. What is more has its turn once others have gone. */
const MAX_CANDIDATES = 10_000;

/**
 * The cost of a look does not grow with the library: the names are read when the directory's time tells that one was
 * added or taken away, and only names that are new are asked about; of those that are known, a bounded number at a time.
 */
export function createDroppedFiles(
  root: string,
  { clock, log, maxCandidates = MAX_CANDIDATES }: DroppedFilesOptions,
  published: PublishedFiles,
): DroppedFiles {
  const candidates = new Map<string, Candidate>();
  const nextCandidates = takingTurns(candidates);
  const nextPublished = takingTurns(published.remembered);
  let seenStamp: bigint | undefined;
  let seenAtMs = 0;
  let readAtMs = -Infinity;
  let isWarned = false;

  async function readNamesWhenChanged(nowMs: number): Promise<void> {
    const stamp = (await stat(root, { bigint: true })).mtimeNs;
    if (stamp !== seenStamp) {
      seenStamp = stamp;
      seenAtMs = nowMs;
    } else if (readAtMs - seenAtMs >= TIME_PRECISION_MS) {
      return;
    }
    const entries = await readdir(root, { withFileTypes: true });
    readAtMs = nowMs;
    // Neither links, which might lead out, nor hidden files, which programs keep for themselves.
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    const isNew = (name: string) => !candidates.has(name) && !published.remembered.has(join(root, name));
    await inBatches(names.filter(isNew), (name) => look(name, nowMs));
  }

  function hasRoom(): boolean {
    if (candidates.size < maxCandidates) return true;
    if (!isWarned) {
      isWarned = true;
      log.warn({ maxCandidates }, 'there are too many files in the library folder that are no audio');
    }
    return false;
  }

  /** Brings what is known of a name up to date. */
  async function look(name: string, nowMs: number): Promise<void> {
    const path = join(root, name);
    const stats = await lstat(path, { bigint: true }).catch(unlessGone);
    if (stats?.isFile() !== true || (await published.isOurs(path, stats))) {
      candidates.delete(name);
      return;
    }
    const version = versionOf(stats);
    const known = candidates.get(name);
    if (known?.version === version || (known === undefined && !hasRoom())) return;
    candidates.set(name, { version, sizeBytes: Number(stats.size), sinceMs: nowMs, isIgnored: false });
  }

  /** A program that replaced a file of ours by another of the same name has left no new name to find. */
  async function lookAtPublished(nowMs: number): Promise<void> {
    await inBatches(nextPublished(LOOKED_AT_ONCE), async (path) => {
      const name = relative(root, path);
      // The names of other tenants are no place to drop files.
      if (name !== basename(path)) return;
      const stats = await lstat(path, { bigint: true }).catch(unlessGone);
      if (stats !== undefined && (await published.isOurs(path, stats))) return;
      published.forget(path);
      if (stats !== undefined) await look(name, nowMs);
    });
  }

  return {
    async list() {
      const nowMs = clock();
      await lookAtPublished(nowMs);
      await readNamesWhenChanged(nowMs);
      const names = nextCandidates(LOOKED_AT_ONCE);
      await inBatches(names, (name) => look(name, nowMs));
      return names.flatMap((name) => {
        const candidate = candidates.get(name);
        if (candidate === undefined || candidate.isIgnored) return [];
        if (nowMs - candidate.sinceMs < STABLE_AFTER_MS) return [];
        const { version, sizeBytes } = candidate;
        return [{ name, path: join(root, name), sizeBytes, version }];
      });
    },

    ignore({ name, version }) {
      const candidate = candidates.get(name);
      if (candidate?.version === version) candidates.set(name, { ...candidate, isIgnored: true });
    },

    async isUnchanged({ path, version }) {
      const stats = await lstat(path, { bigint: true }).catch(unlessGone);
      return stats?.isFile() === true && versionOf(stats) === version;
    },
  };
}

const versionOf = (stats: BigIntStats): string => `${inodeOf(stats)}-${stats.size}-${stats.mtimeNs}`;

/** @returns a function that gives the next keys of the map, going round */
function takingTurns(map: ReadonlyMap<string, unknown>): (count: number) => string[] {
  let keys = map.keys();
  return (count) => {
    const taken: string[] = [];
    let isFromStart = false;
    while (taken.length < Math.min(count, map.size)) {
      const next = keys.next();
      if (next.done !== true) {
        taken.push(next.value);
      } else if (isFromStart) {
        break;
      } else {
        keys = map.keys();
        isFromStart = true;
      }
    }
    return [...new Set(taken)];
  };
}

async function inBatches(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  for (let start = 0; start < names.length; start += STATS_AT_ONCE) {
    await Promise.all(names.slice(start, start + STATS_AT_ONCE).map(work));
  }
}
