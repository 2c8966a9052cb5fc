import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechWorkspaces, Workspace } from '../../domain/speech-workspace.ts';
import { systemCode } from './system-error.ts';
import { openTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

export interface SpeechWorkspacesOptions {
  /** The system's directory of temporary files. */
  readonly systemTempDir: string;
  /** Where they go when that one cannot be written. */
  readonly fallbackDir: string;
  /** Of all workspaces together. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OpenSpeechWorkspaces extends SpeechWorkspaces {
  /** Where they are. */
  readonly path: string;
  /** Removes all of them. */
  close(): Promise<void>;
}

/** Left to everybody else on the same disk. */
const SPARED_BYTES = 64 * 1024 * 1024;

/**
 * A private directory for the temporary files of speech, once those that killed processes left have been cleared away.
 * @throws storage_unavailable, insufficient_storage when neither directory can be used
 */
export async function openSpeechWorkspaces(options: SpeechWorkspacesOptions): Promise<OpenSpeechWorkspaces> {
  const directory = await openDirectory(options);
  const quota = new Quota(directory.path, options.maxBytes);
  return {
    path: directory.path,
    open: () => openWorkspace(directory.path, quota, options),
    close: () => directory.close(),
  };
}

async function openDirectory(options: SpeechWorkspacesOptions): Promise<TemporaryDirectory> {
  const { systemTempDir, fallbackDir, clock, log } = options;
  // Of this user alone: others may write into the directory around it.
  const parent = join(systemTempDir, `earshot-${process.getuid?.() ?? 'user'}`);
  try {
    await makePrivate(parent);
    return await openTemporaryDirectory({ parent, clock });
  } catch (error) {
    const reason = error instanceof AppError ? error.cause : error;
    log.warn(
      { directory: parent, instead: fallbackDir, error: reason },
      'temporary files of transcriptions cannot be where the system has its own',
    );
    return openTemporaryDirectory({ parent: fallbackDir, clock });
  }
}

/** @throws when it is not a directory of this user's that only this user may write to */
async function makePrivate(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw error;
  });
  if (process.getuid === undefined) return;
  const found = await lstat(path);
  // Who made it first could put what he likes in the place of what is in it.
  if (!found.isDirectory() || found.uid !== process.getuid() || (found.mode & 0o022) !== 0) {
    throw new Error(`${path} is not a directory of this user alone`);
  }
}

/** What all workspaces of a process have reserved. */
class Quota {
  readonly #path: string;
  readonly #maxBytes: number;
  #reservedBytes = 0;

  constructor(path: string, maxBytes: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
  }

  /** @throws insufficient_storage */
  async take(bytes: number): Promise<void> {
    if (this.#reservedBytes + bytes > this.#maxBytes) throw noRoom();
    this.#reservedBytes += bytes;
    try {
      const { bavail, bsize } = await statfs(this.#path);
      // Nobody tells how much of what others have reserved is written by now: all of it may still be to come.
      if (bavail * bsize - SPARED_BYTES < this.#reservedBytes) throw noRoom();
    } catch (error) {
      this.give(bytes);
      throw error;
    }
  }

  give(bytes: number): void {
    this.#reservedBytes -= bytes;
  }
}

const noRoom = (): AppError =>
  new AppError('insufficient_storage', 'There is no room for the temporary files of this transcription now.');

function openWorkspace(
  directory: string,
  quota: Quota,
  { clock, log }: Pick<SpeechWorkspacesOptions, 'clock' | 'log'>,
): Workspace {
  let paths: string[] = [];
  let reservedBytes = 0;
  return {
    async reserve(bytes) {
      await quota.take(bytes);
      reservedBytes += bytes;
    },

    path(kind, extension) {
      const timestamp = new Date(clock()).toISOString().replace(/[-:]|\.\d+/g, '');
      const name = `${kind}-${timestamp}-${randomBytes(12).toString('hex')}.${extension}`;
      const path = join(directory, name);
      paths.push(path);
      return path;
    },

    async clear() {
      const cleared = { count: 0, bytes: 0, failures: 0 };
      for (const path of paths) {
        try {
          const { size } = await stat(path);
          await rm(path);
          cleared.count += 1;
          cleared.bytes += size;
        } catch (error) {
          // Not every path that was asked for is used.
          if (systemCode(error) === 'ENOENT') continue;
          cleared.failures += 1;
          log.error({ path, error }, 'a temporary file of a transcription could not be removed');
        }
      }
      paths = [];
      quota.give(reservedBytes);
      reservedBytes = 0;
      return cleared;
    },
  };
}
