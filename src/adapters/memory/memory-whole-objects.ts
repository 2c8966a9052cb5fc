import { createHash } from 'node:crypto';
import { throwIfAborted } from '../../domain/abort.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { cutIntoWholeParts, type WholeObjects } from '../../domain/whole-object.ts';

/** Of these objects. Their addresses lead nowhere. */
export function createMemoryWholeObjects(
  objects: Pick<ObjectStore, 'find' | 'read' | 'write'>,
): WholeObjects {
  return {
    presign: async (key, { expiresInS }) => `https://bucket.example/${key}?expires=${expiresInS}`,

    async find(key) {
      const found = await objects.find(key);
      if (found === null) return null;
      const hash = createHash('md5');
      for await (const chunk of objects.read(key)) hash.update(chunk);
      return { sizeBytes: found.sizeBytes, etag: `"${hash.digest('hex')}-1"` };
    },

    async make(plan, signal) {
      throwIfAborted(signal);
      async function* body(): AsyncGenerator<Uint8Array> {
        for (const { start, endExclusive, copyFrom } of cutIntoWholeParts(plan.segments, plan.sizeBytes)) {
          if (copyFrom === undefined) yield* plan.read(start, endExclusive, signal);
          else {
            const range = { start: copyFrom.start, endExclusive: copyFrom.start + endExclusive - start };
            yield* objects.read(copyFrom.key, range, signal);
          }
        }
      }
      await objects.write(plan.key, body(), signal);
    },
  };
}
