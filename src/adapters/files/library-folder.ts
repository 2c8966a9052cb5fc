import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, lstat, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { parseFilename } from '../../domain/filename.ts';
import type { LibraryFolder } from '../../domain/library-folder.ts';
import type { Log } from '../../domain/log.ts';
import { isObjectKey } from '../../domain/object-store.ts';
import { DEFAULT_TENANT, isTenantId } from '../../domain/tenant.ts';
import { createDroppedFiles } from './dropped-files.ts';
import { linkOrCopy, makeDirectory, syncDirectory } from './durable-file.ts';
import { createPublishedFiles, inodeOf } from './published-files.ts';
import { storageError, systemCode, translating, unlessGone } from './system-error.ts';
import { createTurns } from './turns.ts';

export interface LibraryFolderOptions {
  /** Of the directory object store: the links lie beside `playable/`, which they link to. */
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Hidden, so that nobody takes it for a dropped file. */
const TEMPORARY = /^\.[0-9a-f]{16}\.link$/;
/** Somebody else makes or takes the same name at the same moment: look again, this often. */
const MAX_LOOKS = 5;

const translated = translating((error) => storageError(error, 'file'));

/**
 * Hard links to the playable parts, `{filename}` at the root and `tenants/{tenant}/{filename}` for other tenants; where
 * the file system has no links, copies. A file that is not ours is never overwritten or removed; only in the instant
 * between the look and the rename could one come to stand in the way of a link that is replaced.
 *
 * @throws storage_unavailable
 */
export async function openLibraryFolder(options: LibraryFolderOptions): Promise<LibraryFolder> {
  const { clock, log } = options;
  const root = resolve(options.root);
  const published = createPublishedFiles(root);
  const dropped = createDroppedFiles(root, { clock, log }, published);
  const inTurn = createTurns();
  let hasLinks = true;

  await translated(async () => {
    await makeDirectory(root);
    await clearLeftovers(root);
  });

  function pathOf(tenantId: string, filename: string): string {
    if (!isTenantId(tenantId)) throw new AppError('invalid_input', 'This is no name of a tenant.');
    const directory = tenantId === DEFAULT_TENANT ? root : join(root, 'tenants', tenantId);
    return join(directory, parseFilename(filename));
  }

  /** @returns false when something else took the name in the meantime */
  async function show(object: string, path: string, existing: BigIntStats | undefined): Promise<boolean> {
    if (existing === undefined && hasLinks) {
      try {
        // Fails when the name is taken, as no rename does.
        await link(object, path);
        return true;
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return false;
        if (systemCode(error) === 'ENOENT') throw error;
      }
    }
    const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.link`);
    try {
      const isLink = await linkOrCopy(object, temporary);
      if (isLink) await published.forgetCopy(path);
      else await published.rememberCopy(path, await lstat(temporary, { bigint: true }));
      if (!isLink && hasLinks) {
        hasLinks = false;
        log.warn(
          { folder: root },
          'this file system has no hard links: the folder holds copies, at twice the space',
        );
      }
      await rename(temporary, path);
      return true;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async function publish(path: string, key: string): Promise<boolean> {
    if (!isObjectKey(key)) throw new AppError('invalid_input', 'This is no key of an object.');
    const object = join(root, key);
    const objectStats = await lstat(object, { bigint: true });
    await makeDirectory(dirname(path));
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const existing = await lstat(path, { bigint: true }).catch(unlessGone);
      const isShown = existing !== undefined && inodeOf(existing) === inodeOf(objectStats);
      if (!isShown) {
        if (existing !== undefined && !(await published.isOurs(path, existing))) return false;
        if (!(await show(object, path, existing))) continue;
        await syncDirectory(dirname(path));
      }
      const stats = await lstat(path, { bigint: true }).catch(unlessGone);
      if (stats !== undefined) published.remember(path, stats);
      return true;
    }
    return false;
  }

  return {
    publish: (tenantId, filename, key) =>
      translated(() => {
        const path = pathOf(tenantId, filename);
        return inTurn(path, () => publish(path, key));
      }),

    withdraw: (tenantId, filename) =>
      translated(() => {
        const path = pathOf(tenantId, filename);
        return inTurn(path, async () => {
          const existing = await lstat(path, { bigint: true }).catch(unlessGone);
          if (existing !== undefined && (await published.isOurs(path, existing)))
            await rm(path, { force: true });
          published.forget(path);
          await published.forgetCopy(path);
        });
      }),

    listDropped: () => translated(() => dropped.list()),

    ignoreDropped: (file) => dropped.ignore(file),

    removeDropped: (file) =>
      translated(async () => {
        if (!(await dropped.isUnchanged(file))) return false;
        await rm(file.path, { force: true });
        return true;
      }),
  };
}

async function clearLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (TEMPORARY.test(name)) await rm(join(root, name), { force: true });
  }
}
