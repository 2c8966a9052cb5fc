import type { BigIntStats } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { makeDirectory, moveIntoPlace, writeNewFile } from './durable-file.ts';
import { systemCode, unlessGone } from './system-error.ts';

/** Which of the files in the folder for people are ours: shown there by this program, now or before. */
export interface PublishedFiles {
  /** A hard link of a playable part, or an unchanged copy of one. */
  isOurs(path: string, stats: BigIntStats): Promise<boolean>;
  /** The names under which files of ours were seen last; at most `MAX_REMEMBERED`. */
  readonly remembered: ReadonlyMap<string, string>;
  remember(path: string, stats: BigIntStats): void;
  forget(path: string): void;
  /** Writes down that `path` is about to be a copy of ours: a copy does not tell by itself. */
  rememberCopy(path: string, stats: BigIntStats): Promise<void>;
  forgetCopy(path: string): Promise<void>;
}

const PLAYABLE = 'playable';
/** One small file for each copy, since they are only made where there are no links. */
const COPIES = '.copies';
const MAX_REMEMBERED = 50_000;
const STATS_AT_ONCE = 32;
/** FAT keeps times to two seconds. */
const TIME_PRECISION_MS = 2000;

export function createPublishedFiles(root: string): PublishedFiles {
  /** Path → inode. */
  const remembered = new Map<string, string>();

  const remember = (path: string, stats: BigIntStats): void => {
    remembered.delete(path);
    remembered.set(path, inodeOf(stats));
    for (const oldest of remembered.keys()) {
      if (remembered.size <= MAX_REMEMBERED) break;
      remembered.delete(oldest);
    }
  };

  const notePath = (path: string): string => {
    const name = createHash('sha256').update(relative(root, path).normalize('NFC')).digest('hex');
    return join(root, COPIES, name.slice(0, 32));
  };

  // Asked once for all names that are new, as at the start: a look at each of them would read all parts for each.
  let inodes: { readonly stamp: bigint; readonly known: Set<string> } | undefined;
  let forgetTimer: NodeJS.Timeout | undefined;

  async function playableInodes(): Promise<ReadonlySet<string>> {
    const directory = join(root, PLAYABLE);
    const stamp = (await lstat(directory, { bigint: true }).catch(unlessGone))?.mtimeNs;
    if (stamp === undefined) return new Set();
    if (inodes?.stamp !== stamp) {
      const known = new Set<string>();
      const names = await readdir(directory);
      for (let start = 0; start < names.length; start += STATS_AT_ONCE) {
        const batch = names.slice(start, start + STATS_AT_ONCE).map(async (name) => {
          const stats = await lstat(join(directory, name), { bigint: true }).catch(unlessGone);
          if (stats?.isFile() === true) known.add(inodeOf(stats));
        });
        await Promise.all(batch);
      }
      inodes = { stamp, known };
    }
    clearTimeout(forgetTimer);
    forgetTimer = setTimeout(() => (inodes = undefined), 10_000);
    forgetTimer.unref();
    return inodes.known;
  }

  async function isNotedCopy(path: string, stats: BigIntStats): Promise<boolean> {
    let note: string;
    try {
      note = await readFile(notePath(path), 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    const [sizeBytes, modifiedAtMs] = note.split(' ').map(Number);
    const driftMs = Math.abs(Number(stats.mtimeMs) - (modifiedAtMs ?? 0));
    return Number(stats.size) === sizeBytes && driftMs <= TIME_PRECISION_MS;
  }

  return {
    remembered,
    remember,
    forget: (path) => void remembered.delete(path),

    async isOurs(path, stats) {
      if (!stats.isFile()) return false;
      if (remembered.get(path) === inodeOf(stats) && stats.nlink > 1n) return true;
      const isLink = stats.nlink > 1n && (await playableInodes()).has(inodeOf(stats));
      if (!isLink && !(await isNotedCopy(path, stats))) return false;
      remember(path, stats);
      return true;
    },

    async rememberCopy(path, stats) {
      await makeDirectory(join(root, COPIES));
      const temporary = join(root, COPIES, `.${randomBytes(8).toString('hex')}.tmp`);
      const note = new TextEncoder().encode(`${stats.size} ${stats.mtimeMs}`);
      try {
        await writeNewFile(temporary, note, 0o644);
        await moveIntoPlace(temporary, notePath(path));
      } finally {
        await rm(temporary, { force: true });
      }
    },

    forgetCopy: (path) => rm(notePath(path), { force: true }),
  };
}

export const inodeOf = (stats: BigIntStats): string => `${stats.dev}-${stats.ino}`;
