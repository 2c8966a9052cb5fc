import type { BigIntStats } from 'node:fs';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import { checkQueueSize, isStreamName } from '../../domain/stream.ts';
import type { ExpectedRevision, StoredStream, StreamStore } from '../../domain/stream.ts';
import { decodeDefinition, encodeDefinition } from '../../domain/stream-definition-file.ts';
import { createExactFileLook } from './look-at-files.ts';
import { createDefinitionReader, revisionOf } from './stream-definition-reader.ts';
import type { DefinitionFound } from './stream-definition-reader.ts';
import {
  listStems,
  pathOf,
  prepareDirectory,
  refuseLinks,
  removeDefinition,
  writeDefinition,
} from './stream-directory.ts';
import { storageError, systemCode, translating } from './system-error.ts';
import { createTurns } from './turns.ts';

export interface FileStreamStoreOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Files that are looked at together when all of them are. */
const LOOK_AT_ONCE = 512;
/** Of those, how many are read at a time. */
const READ_AT_ONCE = 16;
/** Files with names that no stream can have: reported once each, as long as there are not absurdly many. */
const MAX_REPORTED_NAMES = 1000;

const translated = translating((error) => (systemCode(error) === undefined ? error : unusable(error)));

/**
 * Stream definitions as `{dir}/{name}.json`, those of other tenants than `default` in `{dir}/tenants/{tenant}/`. People
 * may edit, add and remove them while the server runs; a comparison of revisions holds against savers in this and other
 * processes, and against an edit by hand until the moment of the rename.
 *
 * A file that cannot be read as a definition is reported, and stays as it is: what names it (`find`, `save`, `delete`)
 * throws `conflict`, since answering "unknown" would invite the next save to destroy it; everything else goes on.
 *
 * Where the file system ignores case (macOS, Windows), so do the names: `Story` and `story` are then one stream, under
 * the name of the file that was there first.
 *
 * @throws storage_unavailable or insufficient_storage when the directory cannot be made or written: its `cause` is the
 * system's error, its detail `reason` the system's code (`EACCES`, `ENOTDIR`, `EROFS`)
 */
export async function openFileStreamStore(options: FileStreamStoreOptions): Promise<StreamStore> {
  const { dir, clock, log } = options;
  const lookAt = createExactFileLook();
  const readFile = createDefinitionReader(log, lookAt);
  const inTurn = createTurns();
  const reportedNames = new Set<string>();

  await prepareDirectory(dir).catch((error: unknown) => {
    throw unusable(error);
  });

  async function read(tenantId: string, name: string, seen?: BigIntStats): Promise<DefinitionFound> {
    const path = pathOf(dir, tenantId, name);
    await refuseLinks(dir, tenantId);
    return readFile({ path, tenantId, name }, seen);
  }

  /** @returns the live stream, null where there is none. @throws conflict when the file cannot be read */
  async function get(tenantId: string, name: string): Promise<StoredStream | null> {
    const found = await read(tenantId, name);
    if (found === 'unreadable') {
      throw new AppError(
        'conflict',
        `The file of stream "${name}" cannot be read; mend or remove it by hand.`,
      );
    }
    return found === 'absent' || isExpired(found) ? null : found;
  }

  /** The live stream, or null where there is none or none that can be read. What has expired is removed on the way. */
  async function look(tenantId: string, name: string, seen?: BigIntStats): Promise<StoredStream | null> {
    const found = await read(tenantId, name, seen);
    if (found === 'absent' || found === 'unreadable') return null;
    if (!isExpired(found)) return found;
    await removeExpired(tenantId, name);
    return null;
  }

  const isExpired = (stream: StoredStream): boolean =>
    stream.expiresAtMs !== undefined && stream.expiresAtMs <= clock();

  async function removeExpired(tenantId: string, name: string): Promise<void> {
    const path = pathOf(dir, tenantId, name);
    try {
      await inTurn(path, async () => {
        await removeDefinition(dir, tenantId, name, async () => {
          const found = await read(tenantId, name);
          return typeof found === 'object' && isExpired(found);
        });
      });
    } catch (error) {
      // It counts as gone whether or not its file can be removed now.
      log.warn(
        { stream: name, tenantId, reason: systemCode(error) },
        'an expired stream could not be removed',
      );
    }
  }

  async function listNames(tenantId: string): Promise<string[]> {
    const stems = await listStems(dir, tenantId);
    return stems.filter((stem) => {
      if (isStreamName(stem)) return true;
      if (!reportedNames.has(stem) && reportedNames.size < MAX_REPORTED_NAMES) {
        reportedNames.add(stem);
        log.warn(
          { file: `${stem}.json`, tenantId },
          'a file among the stream definitions has a name that no stream can have',
        );
      }
      return false;
    });
  }

  /** All live streams of the tenant, by name. Reading ahead is bounded; leaving the iteration stops it. */
  async function* all(
    tenantId: string,
    { afterName, wanted = READ_AT_ONCE }: { afterName?: string | undefined; wanted?: number } = {},
  ): AsyncGenerator<StoredStream> {
    const names = (await listNames(tenantId)).filter((name) => afterName === undefined || name > afterName);
    const lookAtOnce = wanted < READ_AT_ONCE ? wanted : LOOK_AT_ONCE;
    for (let start = 0; start < names.length; start += lookAtOnce) {
      const looked = names.slice(start, start + lookAtOnce);
      const seen = await lookAt(looked.map((name) => pathOf(dir, tenantId, name)));
      for (let first = 0; first < looked.length; first += READ_AT_ONCE) {
        const batch = looked.slice(first, first + READ_AT_ONCE);
        const reading = batch.map((name, place) => look(tenantId, name, seen[first + place]));
        for (const stream of await Promise.all(reading)) if (stream !== null) yield stream;
      }
    }
  }

  async function deleteInTurn(
    tenantId: string,
    name: string,
    mayDelete: (stream: StoredStream | null) => boolean,
  ) {
    const mayDeleteNow = async () => mayDelete(await get(tenantId, name));
    return inTurn(
      pathOf(dir, tenantId, name),
      async () => (await mayDeleteNow()) && removeDefinition(dir, tenantId, name, mayDeleteNow),
    );
  }

  return {
    find: (tenantId, name) =>
      translated(async () => {
        const stream = await get(tenantId, name);
        return stream ?? (await look(tenantId, name));
      }),

    list: (tenantId, { limit, after }) =>
      translated(async () => {
        const lastName = after?.[0];
        const items: StoredStream[] = [];
        const afterName = typeof lastName === 'string' ? lastName : undefined;
        for await (const stream of all(tenantId, { afterName, wanted: limit + 1 })) {
          const last = items.at(-1);
          if (items.length === limit && last !== undefined) return { items, next: [last.name] };
          items.push(stream);
        }
        return { items };
      }),

    save: (stream, expected) =>
      translated(async () => {
        checkQueueSize(stream.files);
        const { tenantId, name } = stream;
        const bytes = encodeDefinition(stream);
        const storedAtMs = await inTurn(pathOf(dir, tenantId, name), () =>
          writeDefinition(dir, tenantId, name, bytes, async () =>
            checkRevision(await get(tenantId, name), expected),
          ),
        );
        return { ...decodeDefinition(bytes, tenantId, name), revision: revisionOf(bytes), storedAtMs };
      }),

    delete: (tenantId, name, expected) =>
      translated(() =>
        deleteInTurn(tenantId, name, (stream) => {
          checkRevision(stream, expected);
          return stream !== null;
        }),
      ),

    listUsing: (tenantId, filename, limit) =>
      translated(async () => {
        const names: string[] = [];
        for await (const stream of all(tenantId)) {
          if (names.length === limit) break;
          if (stream.files.includes(filename)) names.push(stream.name);
        }
        return names;
      }),

    deleteBySession: (tenantId, sessionId) =>
      translated(async () => {
        const isOfSession = (stream: StoredStream | null): boolean =>
          stream?.persistence === 'session' && stream.sessionId === sessionId;
        for await (const stream of all(tenantId)) {
          if (isOfSession(stream)) await deleteInTurn(tenantId, stream.name, isOfSession);
        }
      }),
  };
}

function checkRevision(stored: StoredStream | null, expected: ExpectedRevision): void {
  if (expected === undefined || (stored?.revision ?? null) === expected) return;
  throw new AppError('precondition_failed', 'The stream was changed in the meantime.');
}

function unusable(error: unknown): unknown {
  const translatedError = storageError(error, 'stream');
  if (!(translatedError instanceof AppError)) return error;
  // A file that is not there is found so before; what is missing here is the directory.
  const code = translatedError.code === 'not_found' ? 'storage_unavailable' : translatedError.code;
  return new AppError(code, 'The directory of stream definitions cannot be used.', {
    cause: error,
    details: { reason: systemCode(error) },
  });
}
