import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import { checkQueueSize } from '../../domain/stream.ts';
import type { ExpectedRevision, StoredStream, StreamStore } from '../../domain/stream.ts';
import {
  decodeDefinition,
  encodeDefinition,
  UnreadableDefinition,
} from '../../domain/stream-definition-file.ts';
import type { BucketFolder } from './bucket-folder.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import { translated } from './s3-error.ts';
import { createDefinitionCache, type SeenDefinition } from './s3-stream-cache.ts';
import { definitionKey } from './s3-stream-key.ts';
import { listDefinitions, type ListedDefinition } from './s3-stream-list.ts';
import { deleteDefinition, getDefinition, putDefinition } from './s3-stream-object.ts';

export interface S3StreamStoreOptions extends BucketFolder {
  readonly clock: Clock;
  readonly log: Log;
  /** Of definitions that are kept to be asked for by their ETag alone. */
  readonly maxCachedBytes?: number | undefined;
}

const DEFAULT_PREFIX = 'streams/';
const MAX_CACHED_BYTES = 16 * 1024 * 1024;
const READ_AT_ONCE = 16;
/** Of a write that meets others; each time one of them is made. */
const MAX_TRIES = 60;
/** Objects with names that no stream can have: reported once each, as long as there are not absurdly many. */
const MAX_REPORTED_NAMES = 1000;

/**
 * Stream definitions as `{prefix}{name}.json` in a bucket, those of other tenants than `default` in
 * `{prefix}tenants/{tenant}/`: the files of the directory home, byte by byte, so that one can be copied to the other.
 * People may put, change and remove objects there; a comparison of revisions holds against everybody, since S3 makes it.
 *
 * An object that cannot be read as a definition is reported, and stays as it is: what names it (`find`, `save`,
 * `delete`) throws `conflict`; everything else goes on.
 *
 * `find` is one GET, answered without a body where the definition is known already. To look at all of them
 * (`listUsing`, `deleteBySession`) takes a request for each 1,000 and a GET for each that is not known. Nothing is asked
 * of S3 yet: `checkBucket` tells whether it can be used.
 */
export function openS3StreamStore(options: S3StreamStoreOptions): StreamStore {
  const { client, bucket, prefix = DEFAULT_PREFIX, clock, log } = options;
  const folder: BucketFolder = { client, bucket, prefix };
  const cache = createDefinitionCache(options.maxCachedBytes ?? MAX_CACHED_BYTES);
  const reportedNames = new Set<string>();

  /** @param listedEtag what a list has just said of it */
  async function read(tenantId: string, name: string, listedEtag?: string): Promise<SeenDefinition | null> {
    const key = definitionKey(tenantId, name);
    const known = cache.get(key);
    if (known !== undefined && known.etag === listedEtag) return known;
    const object = await getDefinition(folder, key, known?.etag);
    if (object === 'unchanged' && known !== undefined) return known;
    if (object === 'absent' || object === 'unchanged') {
      cache.delete(key);
      return null;
    }
    const { etag, writes, bytes, writtenAtMs } = object;
    let found: SeenDefinition['found'] = 'unreadable';
    try {
      if (bytes === null) throw new UnreadableDefinition('It is larger than 300 KB.');
      const definition = decodeDefinition(bytes, tenantId, name);
      found = { ...definition, revision: revisionOf(bytes), storedAtMs: writtenAtMs };
    } catch (error) {
      if (!(error instanceof UnreadableDefinition)) throw error;
      if (known?.etag !== etag) {
        log.warn(
          { object: `s3://${bucket}/${prefix}${key}`, problem: error.message },
          'a stream definition cannot be read and is left as it is',
        );
      }
    }
    const seen = { etag, writes, found, sizeBytes: found === 'unreadable' ? 0 : (bytes?.length ?? 0) };
    cache.set(key, seen);
    return seen;
  }

  const isExpired = (stream: StoredStream): boolean =>
    stream.expiresAtMs !== undefined && stream.expiresAtMs <= clock();

  /** @throws conflict when what was seen cannot be read */
  function liveStream(seen: SeenDefinition | null, name: string): StoredStream | null {
    if (seen === null) return null;
    if (seen.found === 'unreadable') {
      throw new AppError(
        'conflict',
        `The definition of stream "${name}" cannot be read; mend or remove it by hand.`,
      );
    }
    return isExpired(seen.found) ? null : seen.found;
  }

  async function removeExpired(tenantId: string, name: string, etag: string): Promise<void> {
    try {
      await deleteDefinition(folder, definitionKey(tenantId, name), etag);
    } catch (error) {
      // It counts as gone whether or not its object can be removed now.
      log.warn({ err: error, stream: name, tenantId }, 'an expired stream could not be removed');
    }
  }

  /** The live stream, or null where there is none or none that can be read. What has expired is removed on the way. */
  async function look(tenantId: string, name: string, listedEtag: string): Promise<StoredStream | null> {
    const seen = await read(tenantId, name, listedEtag);
    if (seen === null || seen.found === 'unreadable') return null;
    if (!isExpired(seen.found)) return seen.found;
    await removeExpired(tenantId, name, seen.etag);
    return null;
  }

  function reportName(stem: string): void {
    if (reportedNames.has(stem) || reportedNames.size >= MAX_REPORTED_NAMES) return;
    reportedNames.add(stem);
    log.warn(
      { object: `${stem}.json`, bucket },
      'an object among the stream definitions has a name that no stream can have',
    );
  }

  /** All live streams of the tenant, by name. Reading ahead is bounded, and stops at `wanted`. */
  async function* all(tenantId: string, afterName?: string, wanted = Infinity): AsyncGenerator<StoredStream> {
    let batch: ListedDefinition[] = [];
    let left = wanted;
    const finish = async () => {
      const looked = batch;
      batch = [];
      const streams = await mapBounded(looked, READ_AT_ONCE, ({ name, etag }) => look(tenantId, name, etag));
      const found = streams.filter((stream) => stream !== null);
      left -= found.length;
      return found;
    };
    for await (const listed of listDefinitions(folder, tenantId, { afterName, onOddName: reportName })) {
      batch.push(listed);
      if (batch.length >= Math.min(READ_AT_ONCE, left)) yield* await finish();
      if (left <= 0) return;
    }
    yield* await finish();
  }

  /** Deletes what is there if `mayDelete` says so of just that. @returns whether it did */
  async function deleteIf(
    tenantId: string,
    name: string,
    mayDelete: (stream: StoredStream | null) => boolean,
  ): Promise<boolean> {
    const key = definitionKey(tenantId, name);
    let seen = await read(tenantId, name);
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      if (!mayDelete(liveStream(seen, name)) || seen === null) return false;
      const outcome = await deleteDefinition(folder, key, seen.etag);
      if (outcome.kind === 'changed') seen = await read(tenantId, name);
      if (outcome.kind === 'changed' && !(outcome.wasRepeated && seen === null)) continue;
      cache.delete(key);
      return true;
    }
    throw tooMany();
  }

  async function save(
    stream: StoredStream,
    bytes: Uint8Array,
    expected: ExpectedRevision,
  ): Promise<StoredStream> {
    const { tenantId, name, storedAtMs: writtenAtMs = 0 } = stream;
    const key = definitionKey(tenantId, name);
    const writeId = randomBytes(9).toString('base64url');
    // What was read for this change is still known as a rule: S3 tells whether it is there.
    let seen = expected === null ? null : (cache.get(key) ?? null);
    const isKnown = seen !== null && seen.found !== 'unreadable' && seen.found.revision === expected;
    if (expected !== null && !isKnown) seen = await read(tenantId, name);
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      checkRevision(liveStream(seen, name), expected);
      const writes = [writeId, ...(seen?.writes ?? [])];
      const outcome = await putDefinition(folder, key, { bytes, writtenAtMs, writes }, seen?.etag ?? null);
      if (outcome.kind === 'written') {
        cache.set(key, { etag: outcome.etag, writes, found: stream, sizeBytes: bytes.length });
        return stream;
      }
      seen = await read(tenantId, name);
      if (outcome.wasRepeated && seen?.writes.includes(writeId) === true) return stream;
    }
    throw tooMany();
  }

  return {
    find: (tenantId, name) =>
      translated(async () => {
        const seen = await read(tenantId, name);
        const stream = liveStream(seen, name);
        if (seen !== null && stream === null) await removeExpired(tenantId, name, seen.etag);
        return stream;
      }),

    list: (tenantId, { limit, after }) =>
      translated(async () => {
        const lastName = after?.[0];
        const afterName = typeof lastName === 'string' ? lastName : undefined;
        const items: StoredStream[] = [];
        for await (const stream of all(tenantId, afterName, limit + 1)) items.push(stream);
        const last = items[limit - 1];
        if (items.length <= limit || last === undefined) return { items };
        return { items: items.slice(0, limit), next: [last.name] };
      }),

    save: (stream, expected) =>
      translated(async () => {
        checkQueueSize(stream.files);
        const bytes = encodeDefinition(stream);
        const definition = decodeDefinition(bytes, stream.tenantId, stream.name);
        return save({ ...definition, revision: revisionOf(bytes), storedAtMs: clock() }, bytes, expected);
      }),

    delete: (tenantId, name, expected) =>
      translated(() =>
        deleteIf(tenantId, name, (stream) => {
          checkRevision(stream, expected);
          return stream !== null;
        }),
      ),

    listUsing: (tenantId, filename, limit) =>
      translated(async () => {
        const names: string[] = [];
        if (limit < 1) return names;
        for await (const stream of all(tenantId)) {
          if (!stream.files.includes(filename)) continue;
          names.push(stream.name);
          if (names.length === limit) break;
        }
        return names;
      }),

    deleteBySession: (tenantId, sessionId) =>
      translated(async () => {
        const isOfSession = (stream: StoredStream | null): boolean =>
          stream?.persistence === 'session' && stream.sessionId === sessionId;
        for await (const stream of all(tenantId)) {
          if (isOfSession(stream)) await deleteIf(tenantId, stream.name, isOfSession);
        }
      }),
  };
}

/** As of a file: the hash of all bytes, so that any edit by hand is another one. */
const revisionOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 32);

function checkRevision(stored: StoredStream | null, expected: ExpectedRevision): void {
  if (expected === undefined || (stored?.revision ?? null) === expected) return;
  throw new AppError('precondition_failed', 'The stream was changed in the meantime.');
}

const tooMany = (): AppError => new AppError('conflict', 'Others keep changing this stream; try again.');
