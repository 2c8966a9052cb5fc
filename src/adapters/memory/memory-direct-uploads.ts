import { randomBytes } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import {
  checkAllThere,
  cutIntoParts,
  exactly,
  noSuchPart,
  noSuchUpload,
  type DirectUploads,
  type OpenUpload,
} from '../../domain/direct-upload.ts';
import type { ObjectStore } from '../../domain/object-store.ts';

interface Held {
  readonly key: string;
  readonly parts: Map<number, Uint8Array>;
  readonly sending: Set<number>;
  touchedAtMs: number;
}

/** Direct uploads that go with the process, for tests. */
export function createMemoryDirectUploads(
  objects: Pick<ObjectStore, 'write'>,
  clock: () => number = Date.now,
): DirectUploads {
  const uploads = new Map<string, Held>();

  function get({ key, uploadId }: OpenUpload): Held {
    const held = uploads.get(uploadId);
    if (held?.key !== key) throw noSuchUpload();
    return held;
  }

  return {
    async begin(key, { sizeBytes }) {
      const parts = cutIntoParts(sizeBytes);
      const uploadId = randomBytes(16).toString('hex');
      uploads.set(uploadId, { key, parts: new Map(), sending: new Set(), touchedAtMs: clock() });
      return { uploadId, parts: parts.map((part) => ({ ...part, url: null })) };
    },

    async writePart(upload, number, body) {
      const held = get(upload);
      const part = cutIntoParts(upload.sizeBytes)[number - 1];
      if (part === undefined) throw noSuchPart();
      if (held.sending.has(number)) throw new AppError('conflict', 'This part is being sent already.');
      held.sending.add(number);
      try {
        const bytes = Buffer.concat(await Array.fromAsync(exactly(part, body)));
        get(upload).parts.set(number, bytes);
        held.touchedAtMs = clock();
      } finally {
        held.sending.delete(number);
      }
    },

    async complete(upload) {
      const held = get(upload);
      const parts = cutIntoParts(upload.sizeBytes);
      checkAllThere(parts, ({ number }) => held.parts.has(number));
      await objects.write(
        upload.key,
        parts.flatMap(({ number }) => held.parts.get(number) ?? []),
      );
      uploads.delete(upload.uploadId);
    },

    async abort({ uploadId }) {
      uploads.delete(uploadId);
    },

    async sweep(beforeMs) {
      const old = [...uploads].filter(([, { touchedAtMs }]) => touchedAtMs < beforeMs);
      for (const [uploadId] of old) uploads.delete(uploadId);
      return old.length;
    },
  };
}
