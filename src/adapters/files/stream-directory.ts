import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../domain/app-error.ts';
import { DEFAULT_TENANT, isTenantId } from '../../domain/tenant.ts';
import { parseStreamName } from '../../domain/stream.ts';
import { makeDirectory, moveIntoPlace, syncDirectory, writeNewFile } from './durable-file.ts';
import { withPathLock } from './path-lock.ts';
import { systemCode } from './system-error.ts';

const SUFFIX = '.json';
const TENANTS = 'tenants';
/** No stream name begins with a dot: a file that is being written is never taken for a definition. */
const LEFTOVER = /^\.[A-Za-z0-9_-]+\.(?:lock|(?:lock\.)?[0-9a-f]{16}\.tmp)$/;
/** Nobody takes that long to write 300 KB. */
const LEFTOVER_AFTER_MS = 60_000;

/**
 * The path of a definition: `{dir}/{name}.json`, for other tenants than `default` in `{dir}/tenants/{tenant}/`.
 * @throws invalid_input for what is no stream name: nothing else ever becomes a path
 */
export function pathOf(dir: string, tenantId: string, name: string): string {
  return join(directoryOf(dir, tenantId), `${parseStreamName(name)}${SUFFIX}`);
}

function directoryOf(dir: string, tenantId: string): string {
  if (!isTenantId(tenantId)) throw new AppError('invalid_input', 'This is no name of a tenant.');
  return tenantId === DEFAULT_TENANT ? dir : join(dir, TENANTS, tenantId);
}

/** @throws storage_unavailable when a directory on the way to the tenant's definitions is a link that leads out */
export async function refuseLinks(dir: string, tenantId: string): Promise<void> {
  const directory = directoryOf(dir, tenantId);
  if (directory === dir) return;
  for (const path of [join(dir, TENANTS), directory]) {
    try {
      if (!(await lstat(path)).isSymbolicLink()) continue;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return;
      throw error;
    }
    throw new AppError('storage_unavailable', 'The directory of this tenant is a symbolic link.');
  }
}

/**
 * Makes the directory and writes in it, once, so that it is known to work; clears away what killed processes left.
 * @throws the error of the file system
 */
export async function prepareDirectory(dir: string): Promise<void> {
  await makeDirectory(dir);
  const probe = temporaryPath(dir, 'probe');
  try {
    await writeNewFile(probe, new Uint8Array(1), 0o600);
  } finally {
    await rm(probe, { force: true });
  }
  await sweep(dir);
  for (const entry of await readEntries(join(dir, TENANTS))) {
    if (entry.isDirectory()) await sweep(join(dir, TENANTS, entry.name));
  }
}

/** The stems of the definition files, by code point; not all of them need be stream names. */
export async function listStems(dir: string, tenantId: string): Promise<string[]> {
  await refuseLinks(dir, tenantId);
  return (await readEntries(directoryOf(dir, tenantId)))
    .filter(({ name }) => name.endsWith(SUFFIX) && !name.startsWith('.'))
    .map(({ name }) => name.slice(0, -SUFFIX.length))
    .sort();
}

/**
 * Writes a definition whole or not at all.
 * @param check is called when the new content is on disk, last before it takes its place, while no other process changes
 * this definition; what it throws prevents that
 * @returns when the file was written, in milliseconds since the epoch, as the file system tells it
 */
export async function writeDefinition(
  dir: string,
  tenantId: string,
  name: string,
  content: Uint8Array,
  check: () => Promise<void>,
): Promise<number> {
  const path = pathOf(dir, tenantId, name);
  const directory = directoryOf(dir, tenantId);
  await refuseLinks(dir, tenantId);
  // `dir` itself was there at the start: if it has gone since, something is wrong that a new one would hide.
  if (directory !== dir) {
    for (const path of [dirname(directory), directory]) {
      await mkdir(path).catch(unlessThere);
      await syncDirectory(dirname(path));
    }
  }
  const temporary = temporaryPath(directory, name);
  try {
    await writeNewFile(temporary, content, 0o644);
    const { mtimeMs } = await lstat(temporary, { bigint: true });
    await withPathLock(lockPathOf(directory, name), async () => {
      await check();
      await moveIntoPlace(temporary, path);
    });
    return Number(mtimeMs);
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Removes a definition, where there is one.
 * @param check as of `writeDefinition`; false prevents it too
 * @returns what `check` said
 */
export async function removeDefinition(
  dir: string,
  tenantId: string,
  name: string,
  check: () => Promise<boolean>,
): Promise<boolean> {
  const path = pathOf(dir, tenantId, name);
  return withPathLock(lockPathOf(dirname(path), name), async () => {
    if (!(await check())) return false;
    await rm(path, { force: true });
    await syncDirectory(dirname(path));
    return true;
  });
}

const lockPathOf = (directory: string, name: string): string => join(directory, `.${name}.lock`);

const temporaryPath = (directory: string, name: string): string =>
  join(directory, `.${name}.${randomBytes(8).toString('hex')}.tmp`);

async function sweep(directory: string): Promise<void> {
  for (const { name } of await readEntries(directory)) {
    if (!LEFTOVER.test(name)) continue;
    const path = join(directory, name);
    try {
      if (Date.now() - (await lstat(path)).mtimeMs > LEFTOVER_AFTER_MS) await rm(path, { force: true });
    } catch (error) {
      // Another process has put it in its place meanwhile.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
}

async function readEntries(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function unlessThere(error: unknown): void {
  if (systemCode(error) !== 'EEXIST') throw error;
}
