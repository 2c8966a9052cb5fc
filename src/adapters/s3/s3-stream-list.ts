import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { AppError } from '../../domain/app-error.ts';
import { isStreamName } from '../../domain/stream.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { isNoObject } from './s3-error.ts';
import { definitionsPrefix, keyPlaceOf, stemOf } from './s3-stream-key.ts';

export interface ListedDefinition {
  readonly name: string;
  readonly etag: string;
}

export interface ListOptions {
  readonly afterName?: string | undefined;
  /** Told of each key that looks like a definition's, with a name that no stream can have. */
  readonly onOddName?: ((stem: string) => void) | undefined;
  /** Names that may wait for one that comes before them and after them by key. */
  readonly maxWaiting?: number | undefined;
  /** Keys to a request; S3 gives 1,000 at most. */
  readonly pageKeys?: number | undefined;
}

const MAX_WAITING = 1000;
const MAX_PAGE_KEYS = 1000;

/**
 * The definitions of a tenant, by name, 1,000 to a request, requests as they are needed.
 *
 * S3 lists by key, and `a-1.json` is before `a.json`, though `a` is before `a-1`. So `a-1` waits until `a` has come or
 * been passed; when very many wait, `a` is asked for by itself.
 */
export async function* listDefinitions(
  folder: BucketFolder,
  tenantId: string,
  { afterName, onOddName, maxWaiting = MAX_WAITING, pageKeys = MAX_PAGE_KEYS }: ListOptions = {},
): AsyncGenerator<ListedDefinition, void, undefined> {
  const within = definitionsPrefix(tenantId);
  const isWanted = (name: string) => afterName === undefined || name > afterName;
  const askedFor = new Set<string>();
  let waiting: ListedDefinition[] = [];
  /** All keys up to here have come. */
  let place = '';

  const missingBefore = (name: string): string[] =>
    basesOf(name).filter((base) => isWanted(base) && keyPlaceOf(base) > place && !askedFor.has(base));

  for await (const { keys, isLast } of listPages(folder, within, pageKeys, afterName)) {
    for (const { key, etag } of keys) {
      const stem = stemOf(key);
      if (stem === null) continue;
      if (!isStreamName(stem)) onOddName?.(stem);
      else if (isWanted(stem) && !askedFor.has(stem)) waiting.push({ name: stem, etag });
    }
    place = keys.at(-1)?.key ?? place;
    waiting = waiting.sort(byName);
    let given = 0;
    for (let next = waiting[given]; next !== undefined; next = waiting[given]) {
      const missing = isLast ? [] : missingBefore(next.name);
      if (missing.length === 0) {
        given += 1;
        yield next;
        continue;
      }
      if (waiting.length - given <= maxWaiting) break;
      waiting.splice(0, given);
      given = 0;
      for (const name of missing) {
        askedFor.add(name);
        const etag = await findEtag(folder, `${within}${keyPlaceOf(name)}`);
        if (etag !== null) waiting.push({ name, etag });
      }
      waiting = waiting.sort(byName);
    }
    waiting.splice(0, given);
  }
}

/** `a-b-c` → `a`, `a-b`: what comes before it by name, and after it by key. */
function basesOf(name: string): string[] {
  const bases: string[] = [];
  for (let at = name.indexOf('-', 1); at > 0; at = name.indexOf('-', at + 1)) bases.push(name.slice(0, at));
  return bases.filter(isStreamName);
}

interface KeyPage {
  readonly keys: readonly { readonly key: string; readonly etag: string }[];
  readonly isLast: boolean;
}

/** Not what is in folders further below: the other tenants, say. */
async function* listPages(
  { client, bucket, prefix = '' }: BucketFolder,
  within: string,
  pageKeys: number,
  afterName: string | undefined,
): AsyncGenerator<KeyPage, void, undefined> {
  const base = `${prefix}${within}`;
  let continuation: string | undefined;
  for (;;) {
    const output = await client.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: base,
        Delimiter: '/',
        MaxKeys: pageKeys,
        // Keys may hold characters that XML cannot.
        EncodingType: 'url',
        ...(afterName !== undefined && { StartAfter: `${base}${afterName}-` }),
        ...(continuation !== undefined && { ContinuationToken: continuation }),
      }),
    );
    const decode = output.EncodingType === 'url' ? decodeKey : (key: string) => key;
    const keys = (output.Contents ?? []).map(({ Key = '', ETag = '' }) => ({
      key: decode(Key).slice(base.length),
      etag: ETag,
    }));
    continuation = output.IsTruncated === true ? output.NextContinuationToken : undefined;
    if (output.IsTruncated === true && continuation === undefined) {
      throw new AppError('storage_unavailable', 'The storage breaks off a list.');
    }
    yield { keys, isLast: continuation === undefined };
    if (continuation === undefined) return;
  }
}

const decodeKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

async function findEtag(folder: BucketFolder, key: string): Promise<string | null> {
  try {
    return (await folder.client.send(new HeadObjectCommand(addressOf(folder, key)))).ETag ?? null;
  } catch (error) {
    if (isNoObject(error)) return null;
    throw error;
  }
}

const byName = (a: ListedDefinition, b: ListedDefinition): number => (a.name < b.name ? -1 : 1);
