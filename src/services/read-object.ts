import { AppError } from '../domain/app-error.ts';
import type { ObjectStore } from '../domain/object-store.ts';

/**
 * All of a small object, at once.
 * @throws not_found; internal when it is longer than what this program writes under such a key
 */
export async function readObject(
  objects: Pick<ObjectStore, 'read'>,
  key: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of objects.read(key, undefined, signal)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes)
      throw new AppError('internal', `The object ${key} is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
