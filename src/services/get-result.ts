import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { isFinal, type JsonValue } from '../domain/request.ts';
import { getRequest } from './get-request.ts';
import { keptResultOf } from './kept-result.ts';
import type { Ports } from './ports.ts';

/** What a request brought about: in its record, or as JSON in the object store. */
export type RequestResult =
  | { readonly kind: 'inline'; readonly result: JsonValue }
  | {
      readonly kind: 'kept';
      readonly sizeBytes: number;
      /** Strong, without its quotes. */
      readonly etag: string;
      read(range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
    };

/**
 * @throws not_found for requests of others too, and when the result is not kept any more; not_ready before the end;
 * conflict when the request FAILED or was CANCELLED
 */
export async function getResult(
  ports: Pick<Ports, 'queue' | 'objects'>,
  caller: Caller | null,
  requestId: string,
): Promise<RequestResult> {
  const request = await getRequest(ports, caller, requestId);
  if (!isFinal(request.status)) throw new AppError('not_ready', 'The request has not ended yet.');
  if (request.status !== 'COMPLETED') {
    throw new AppError('conflict', `A request that is ${request.status} has no result.`);
  }
  const kept = keptResultOf(request);
  if (kept === null) return { kind: 'inline', result: request.result ?? null };
  const object = await ports.objects.find(kept.key);
  if (object === null) throw new AppError('not_found', 'The result is not kept any more.');
  return {
    kind: 'kept',
    sizeBytes: object.sizeBytes,
    etag: object.key.slice(object.key.indexOf('/') + 1),
    read: (range, signal) => ports.objects.read(object.key, range, signal),
  };
}
