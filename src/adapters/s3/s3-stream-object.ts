import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/app-error.ts';
import { MAX_DEFINITION_BYTES } from '../../domain/stream.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { isNoObject } from './s3-error.ts';

/**
 * Conditional requests for one small object (RFC 9110, section 13; S3 calls them conditional writes and deletes).
 *
 * When the answer of a write is lost, the client sends it again, and meets the object that it has itself written: 412.
 * Each write therefore has an id, and leaves it with the object beside those of the writes before it: found there, the
 * write was made, whether or not others have built upon it since.
 */

export interface DefinitionObject {
  readonly etag: string;
  /** null: it is larger than a definition may be, and was not read. */
  readonly bytes: Uint8Array | null;
  /** By the clock of whoever wrote it, else by that of S3. */
  readonly writtenAtMs: number;
  /** The ids of the writes that led to this content, the last one first. */
  readonly writes: readonly string[];
}

export interface Write {
  readonly bytes: Uint8Array;
  readonly writtenAtMs: number;
  /** That of this write first, then those of the object that it replaces. */
  readonly writes: readonly string[];
}

export type PutOutcome =
  | { readonly kind: 'written'; readonly etag: string }
  /** What is there is not what was expected; after `wasRepeated` it may be the write itself. */
  | { readonly kind: 'changed'; readonly wasRepeated: boolean };

export type DeleteOutcome =
  | { readonly kind: 'deleted' }
  /** What is there is not what was expected; nothing any more, after `wasRepeated`, may be the deletion's own doing. */
  | { readonly kind: 'changed'; readonly wasRepeated: boolean };

const MAX_WRITES = 16;
const WRITES_FIELD = 'earshot-writes';
const WRITTEN_AT_FIELD = 'earshot-written-at';
const MAX_READS = 4;
const MAX_COLLISIONS = 8;
const PAUSE_MS = 50;

/** @param knownEtag of the content that the caller has: answered `unchanged` when that is what is there */
export async function getDefinition(
  folder: BucketFolder,
  key: string,
  knownEtag?: string,
): Promise<'absent' | 'unchanged' | DefinitionObject> {
  const address = addressOf(folder, key);
  const condition = knownEtag === undefined ? {} : { IfNoneMatch: knownEtag };
  for (let reads = 1; ; reads += 1) {
    let output;
    try {
      output = await folder.client.send(new GetObjectCommand({ ...address, ...condition }));
    } catch (error) {
      if (isNoObject(error)) return 'absent';
      if (statusOf(error) === 304) return 'unchanged';
      throw error;
    }
    const { Body, ETag, ContentLength, LastModified, Metadata = {} } = output;
    if (Body === undefined || ETag === undefined || ContentLength === undefined) {
      throw new AppError('storage_unavailable', 'The storage says neither ETag nor length of an object.');
    }
    const about = { etag: ETag, writtenAtMs: writtenAtMs(Metadata, LastModified), writes: idsOf(Metadata) };
    if (ContentLength > MAX_DEFINITION_BYTES) {
      if (Body instanceof Readable) Body.destroy();
      return { ...about, bytes: null };
    }
    try {
      const bytes = await Body.transformToByteArray();
      if (bytes.length === ContentLength) return { ...about, bytes };
      throw new AppError('storage_unavailable', 'The storage breaks off what it sends.');
    } catch (error) {
      // The client tries again what is answered with an error, not a body that breaks off.
      if (reads === MAX_READS) throw error;
    }
    await sleep(PAUSE_MS * reads);
  }
}

/** @param etag of the object that is to be replaced; null when there is to be none */
export async function putDefinition(
  folder: BucketFolder,
  key: string,
  { bytes, writtenAtMs, writes }: Write,
  etag: string | null,
): Promise<PutOutcome> {
  const command = {
    ...addressOf(folder, key),
    Body: bytes,
    ContentType: 'application/json',
    Metadata: {
      [WRITES_FIELD]: writes.slice(0, MAX_WRITES).join(','),
      [WRITTEN_AT_FIELD]: String(writtenAtMs),
    },
    ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: unquoted(etag) }),
  };
  try {
    const output = await untilNoCollision(() => folder.client.send(new PutObjectCommand(command)));
    if (output.ETag === undefined) {
      throw new AppError('storage_unavailable', 'The storage says no ETag of an object.');
    }
    return { kind: 'written', etag: output.ETag };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'changed', wasRepeated: wasRepeated(error) };
  }
}

/** @param etag of the object that is to go, and no other */
export async function deleteDefinition(
  folder: BucketFolder,
  key: string,
  etag: string,
): Promise<DeleteOutcome> {
  const command = { ...addressOf(folder, key), IfMatch: unquoted(etag) };
  try {
    await untilNoCollision(() => folder.client.send(new DeleteObjectCommand(command)));
    return { kind: 'deleted' };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { kind: 'changed', wasRepeated: wasRepeated(error) };
  }
}

/** Of a write, Ceph's gateway compares what is between the quotes alone; S3 takes it either way. */
const unquoted = (etag: string): string => etag.replace(/^"(.*)"$/, '$1');

/** S3 answers 409 to one of two who write at the same moment, who is to try again. */
async function untilNoCollision<Output>(send: () => Promise<Output>): Promise<Output> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (statusOf(error) !== 409 || tries === MAX_COLLISIONS) throw error;
    }
    await sleep(Math.random() * PAUSE_MS * tries);
  }
}

/** To replace, or to delete, what is not there is answered 404. */
const isRefusal = (error: unknown): boolean => statusOf(error) === 412 || isNoObject(error);

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

const wasRepeated = (error: unknown): boolean =>
  error instanceof S3ServiceException && (error.$metadata.attempts ?? 1) > 1;

const idsOf = (metadata: Readonly<Record<string, string>>): string[] =>
  (metadata[WRITES_FIELD] ?? '').split(',').filter((id) => /^[\w-]{1,32}$/.test(id));

function writtenAtMs(metadata: Readonly<Record<string, string>>, modified: Date | undefined): number {
  const text = metadata[WRITTEN_AT_FIELD] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : (modified?.getTime() ?? 0);
}
