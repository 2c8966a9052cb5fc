import { AppError } from '../domain/app-error.ts';
import type { AsyncRequest, JsonObject, JsonValue } from '../domain/request.ts';
import { isStorableJson } from '../domain/stored-field.ts';
import type { Ports } from './ports.ts';

/** A record of the queue holds no more of a result. DynamoDB's items end at 400 KB, with all else that is in them. */
const MAX_INLINE_BYTES = 64 * 1024;
const MAX_RESULT_BYTES = 64 * 1024 * 1024;
export const RESULT_PREFIX = 'results/';
const KEY = 'result_object';
const SIZE = 'size';

/** Where a result lies that is too large for its record: as JSON, an object of its own. */
export interface KeptResult {
  readonly key: string;
  readonly sizeBytes: number;
}

/**
 * Brings a result that is too large for its record, or that not every record can hold, into the object store.
 * @returns what the record is to hold
 * @throws too_large above 64 MB; storage_unavailable
 */
export async function keepResult(
  ports: Pick<Ports, 'objects'>,
  request: Pick<AsyncRequest, 'requestId' | 'seq'>,
  result: JsonValue,
): Promise<JsonValue> {
  const json = JSON.stringify(result) as string | undefined;
  // None of JSON's values, but what an untyped handler may give.
  if (json === undefined) return null;
  const bytes = Buffer.from(json);
  if (bytes.length <= MAX_INLINE_BYTES && isStorableJson(result)) return result;
  if (bytes.length > MAX_RESULT_BYTES) throw new AppError('too_large', 'The result is too large to be kept.');
  // Of each claim one, so that a worker that has lost its lease overwrites nothing. Attempts are counted anew when a
  // request is begun anew.
  const key = `${prefixOf(request)}${request.seq}.json`;
  const { sizeBytes } = await ports.objects.write(key, [bytes]);
  return { [KEY]: key, [SIZE]: sizeBytes };
}

/** null for a result that the record holds itself. */
export function keptResultOf(request: Pick<AsyncRequest, 'requestId' | 'result'>): KeptResult | null {
  const { result } = request;
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return null;
  const { [KEY]: key, [SIZE]: sizeBytes } = result as JsonObject;
  // Nothing that an action took from a client may name the result of another request.
  if (typeof key !== 'string' || !key.startsWith(prefixOf(request)) || typeof sizeBytes !== 'number')
    return null;
  return { key, sizeBytes };
}

const prefixOf = ({ requestId }: Pick<AsyncRequest, 'requestId'>): string => `${RESULT_PREFIX}${requestId}-`;
