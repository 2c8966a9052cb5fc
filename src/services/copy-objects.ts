import { eachBounded } from '../domain/map-bounded.ts';
import type { ObjectInfo, ObjectStore } from '../domain/object-store.ts';
import { hashObject, listKept, promisedSha256 } from './kept-objects.ts';
import type { HashedObject, PortableSource, TellProgress } from './portable-home.ts';
import type { ProblemList } from './problem-list.ts';

/** An upload to S3 takes 30 MiB of memory. */
const AT_ONCE = 4;

export interface ObjectCount {
  count: number;
  bytes: number;
}

/** An object of the source, and what the destination has under its key. */
interface Pair<Listed> {
  readonly object: Listed;
  readonly there: ObjectInfo | null;
}

/** Both lists side by side, since both are by key: no request for each object. */
async function* paired<Listed extends { readonly key: string }>(
  source: AsyncIterable<Listed>,
  destination: AsyncIterable<ObjectInfo>,
): AsyncGenerator<Pair<Listed>> {
  const others = destination[Symbol.asyncIterator]();
  try {
    let other = await others.next();
    for await (const object of source) {
      while (other.done !== true && other.value.key < object.key) other = await others.next();
      const there = other.done !== true && other.value.key === object.key ? other.value : null;
      yield { object, there };
    }
  } finally {
    await others.return?.();
  }
}

export interface CopyObjectsOptions {
  readonly overwrite: boolean;
  /** Bytes of all objects together. */
  readonly totalBytes: number;
  readonly tell: TellProgress;
  readonly problems: ProblemList;
  /** What was so before. */
  readonly notes: ProblemList;
  readonly signal?: AbortSignal | undefined;
}

/** Copies what is not there, or of another size; with `overwrite` also what may have
 * another content. @returns what was copied */
export async function copyObjects(
  source: PortableSource,
  objects: ObjectStore,
  { overwrite, totalBytes, tell, problems, signal }: CopyObjectsOptions,
): Promise<ObjectCount> {
  const copied: ObjectCount = { count: 0, bytes: 0 };
  let doneBytes = 0;
  await eachBounded(paired(source.readObjects(), listKept(objects)), AT_ONCE, async ({ object, there }) => {
    const { key, sizeBytes } = object;
    const hasSize = there?.sizeBytes === sizeBytes;
    try {
      if (there !== null && !hasSize && !overwrite) {
        problems.add(`object ${key}: another one, of another size, is there`);
      } else if (!hasSize || (overwrite && !(await isAsPromised(objects, key, signal)))) {
        await objects.write(key, object.read(), signal);
        copied.count += 1;
        copied.bytes += sizeBytes;
      }
    } finally {
      object.release();
    }
    doneBytes += sizeBytes;
    tell('objects', doneBytes, totalBytes);
  });
  return copied;
}

const isAsPromised = async (objects: ObjectStore, key: string, signal: AbortSignal | undefined) =>
  promisedSha256(key) === (await hashObject(objects, key, signal));

/** What a copy would do. */
export async function compareObjects(
  source: PortableSource,
  objects: ObjectStore,
  problems: ProblemList,
): Promise<{ readonly all: ObjectCount; readonly missing: ObjectCount }> {
  const all: ObjectCount = { count: 0, bytes: 0 };
  const missing: ObjectCount = { count: 0, bytes: 0 };
  for await (const { object, there } of paired(source.listHashes(), listKept(objects))) {
    all.count += 1;
    all.bytes += object.sizeBytes;
    if (there === null) {
      missing.count += 1;
      missing.bytes += object.sizeBytes;
    } else if (there.sizeBytes !== object.sizeBytes) {
      problems.add(`object ${object.key}: another one, of another size, is there`);
    }
  }
  return { all, missing };
}

/**
 * Reads every object at the destination and compares its SHA-256 with the one that its key promises or, where that is
 * none or another, with that of the source.
 * @returns how many are right
 */
export async function verifyObjects(
  source: PortableSource,
  objects: ObjectStore,
  { totalBytes, tell, problems, notes, signal }: Omit<CopyObjectsOptions, 'overwrite'>,
): Promise<ObjectCount> {
  const right: ObjectCount = { count: 0, bytes: 0 };
  let doneBytes = 0;
  await eachBounded(paired(source.listHashes(), listKept(objects)), AT_ONCE, async ({ object, there }) => {
    const { key, sizeBytes } = object;
    const problem = await findProblem(object, there, objects, { notes, signal });
    if (problem === null) {
      right.count += 1;
      right.bytes += sizeBytes;
    } else problems.add(`object ${key}: ${problem}`);
    doneBytes += sizeBytes;
    tell('verifying objects', doneBytes, totalBytes);
  });
  return right;
}

async function findProblem(
  object: HashedObject,
  there: ObjectInfo | null,
  objects: ObjectStore,
  { notes, signal }: Pick<CopyObjectsOptions, 'notes' | 'signal'>,
): Promise<string | null> {
  if (there === null) return 'is not there';
  if (there.sizeBytes !== object.sizeBytes) return 'has another size';
  const sha256 = await hashObject(objects, object.key, signal);
  const promised = promisedSha256(object.key);
  if (sha256 === promised) return null;
  if (sha256 !== (await object.sha256())) return 'has another content';
  if (promised !== null) notes.add(`object ${object.key} is damaged: it was so in the source`);
  return null;
}
