import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import { isObjectKey, type ByteRange, type ObjectInfo, type ObjectStore } from '../../domain/object-store.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import { copyObject } from './object-copy.ts';
import { readObject } from './object-reading.ts';
import { uploadObject } from './object-upload.ts';
import { isNoObject, translated } from './s3-error.ts';

export interface S3ObjectStoreOptions extends BucketFolder {
  /** For local copies of objects: private to this process, swept by its owner. */
  readonly tempDir: string;
  /** A body that has stood still for so long is asked for again. */
  readonly stallTimeoutMs?: number | undefined;
  /** Jitter of pauses before trying again. */
  readonly random?: (() => number) | undefined;
  /** S3's own limits unless a service has others. */
  readonly maxCopyBytes?: number | undefined;
  readonly copyPartBytes?: number | undefined;
}

interface FoundObject extends ObjectInfo {
  readonly etag: string | undefined;
}

const STALL_TIMEOUT_MS = 20_000;
const HEADS_AT_ONCE = 32;
const MAX_LIST_KEYS = 1_000;
const MAX_COPY_BYTES = 5 * 1024 ** 3;
const COPY_PART_BYTES = 1024 ** 3;

/**
 * Objects of a bucket, below a prefix. Nothing is asked of S3 yet: `checkBucket` tells whether it can be used.
 *
 * Times have the precision of seconds that HTTP gives them. After a write one more request asks for its time.
 *
 * @throws invalid_input when the prefix is none
 */
export function openS3ObjectStore(options: S3ObjectStoreOptions): ObjectStore {
  const { client, bucket, prefix = '', tempDir } = options;
  if (prefix !== '' && !(prefix.endsWith('/') && isObjectKey(prefix.slice(0, -1)))) {
    throw new AppError('invalid_input', `The prefix of a bucket must be like a/b/, not "${prefix}".`);
  }
  const folder: BucketFolder = { client, bucket, prefix };
  const reading = {
    stallTimeoutMs: options.stallTimeoutMs ?? STALL_TIMEOUT_MS,
    random: options.random ?? Math.random,
  };
  const limits = {
    maxCopyBytes: options.maxCopyBytes ?? MAX_COPY_BYTES,
    copyPartBytes: options.copyPartBytes ?? COPY_PART_BYTES,
  };

  /** @throws not_found */
  const getFound = (key: string, signal?: AbortSignal): Promise<FoundObject> =>
    translated(async () => {
      throwIfAborted(signal);
      const head = await client.send(new HeadObjectCommand(addressOf(folder, key)));
      return { ...infoOf(key, head.ContentLength, head.LastModified), etag: head.ETag };
    });

  const getInfo = async (key: string, signal?: AbortSignal): Promise<ObjectInfo> => {
    const { sizeBytes, modifiedAtMs } = await getFound(key, signal);
    return { key, sizeBytes, modifiedAtMs };
  };

  async function find(key: string): Promise<ObjectInfo | null> {
    try {
      return await getInfo(key);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return null;
      throw error;
    }
  }

  async function* read(key: string, range?: ByteRange, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    if (range !== undefined && range.start >= range.endExclusive) {
      // HTTP has no range of no bytes.
      await getFound(key, signal);
      return;
    }
    yield* readObject(folder, key, range, signal, reading);
  }

  return {
    find,

    async findMany(keys) {
      for (const key of keys) addressOf(folder, key);
      return mapBounded(keys, HEADS_AT_ONCE, find);
    },

    async readRange(key, range, signal, memory) {
      addressOf(folder, key);
      const bytes = memory ?? new Uint8Array(range.endExclusive - range.start);
      let filled = 0;
      for await (const chunk of read(key, range, signal)) {
        bytes.set(chunk, filled);
        filled += chunk.length;
      }
      return bytes;
    },

    read,

    async write(key, body, signal) {
      await uploadObject(folder, key, body, { signal });
      return getInfo(key);
    },

    async takeFile(key, path) {
      addressOf(folder, key);
      const { size } = await stat(path).catch((error: unknown) => {
        throw fileError(error);
      });
      await translated(() => uploadObject(folder, key, createReadStream(path), { sizeBytes: size }));
      const info = await getInfo(key);
      if (info.sizeBytes !== size) {
        throw new AppError('storage_unavailable', 'The file or its object was changed while it was stored.');
      }
      await rm(path, { force: true });
      return info;
    },

    async copy(fromKey, toKey) {
      addressOf(folder, toKey);
      const from = await getFound(fromKey);
      // S3 refuses to copy an object onto itself.
      if (fromKey !== toKey) await translated(() => copyObject(folder, from, toKey, limits));
      return getInfo(toKey);
    },

    async delete(key) {
      const address = addressOf(folder, key);
      try {
        await translated(() => client.send(new DeleteObjectCommand(address)));
      } catch (error) {
        if (!(error instanceof AppError && isNoObject(error.cause))) throw error;
      }
    },

    list: (wantedPrefix, { limit, after }) =>
      translated(async () => {
        const lastKey = after?.[0];
        let startAfter = typeof lastKey === 'string' ? `${prefix}${lastKey}` : undefined;
        const items: ObjectInfo[] = [];
        for (;;) {
          const { Contents = [], IsTruncated } = await client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: `${prefix}${wantedPrefix}`,
              MaxKeys: Math.min(limit - items.length, MAX_LIST_KEYS),
              ...(startAfter !== undefined && { StartAfter: startAfter }),
            }),
          );
          for (const { Key = '', Size, LastModified } of Contents) {
            const key = Key.slice(prefix.length);
            // Others may keep what they like in the bucket: what is no key is no object of the store.
            if (isObjectKey(key)) items.push(infoOf(key, Size, LastModified));
          }
          startAfter = Contents.at(-1)?.Key;
          if (IsTruncated !== true || startAfter === undefined) return { items };
          if (items.length >= limit) return { items, next: [startAfter.slice(prefix.length)] };
        }
      }),

    async withLocalFile(key, use) {
      addressOf(folder, key);
      const path = join(tempDir, `local-${randomBytes(12).toString('hex')}`);
      try {
        await translated(async () => {
          const handle = await open(path, 'wx', 0o600);
          try {
            await handle.writeFile(read(key));
          } finally {
            await handle.close();
          }
        });
        return await use(path);
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}

/** A list tells milliseconds where a HEAD tells seconds: both must say the same of one object. */
function infoOf(key: string, sizeBytes: number | undefined, modified: Date | undefined): ObjectInfo {
  if (sizeBytes === undefined || modified === undefined) {
    throw new AppError('storage_unavailable', 'The storage says neither size nor time of an object.');
  }
  return { key, sizeBytes, modifiedAtMs: Math.floor(modified.getTime() / 1000) * 1000 };
}

function fileError(error: unknown): AppError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
  return isMissing
    ? new AppError('not_found', 'There is no such file.', { cause: error })
    : new AppError('storage_unavailable', 'A file cannot be read.', { cause: error });
}
