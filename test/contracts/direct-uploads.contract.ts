import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInvalidInput, isNotFound } from '../../src/domain/app-error.ts';
import type { DirectPart, DirectUploads, OpenUpload } from '../../src/domain/direct-upload.ts';
import type { ObjectStore } from '../../src/domain/object-store.ts';

export interface OpenDirectUploads {
  readonly uploads: DirectUploads;
  readonly objects: ObjectStore;
  /** Where nobody looks at what an address was signed for, a part of another length is only found at the end. */
  readonly checksNoSignatures?: boolean;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const KEY = 'uploads/some-request';
/** Two parts and a bit. */
const BYTES = new Uint8Array(randomBytes(17 * MIB));

/** What every adapter of `DirectUploads` keeps. */
export function describeDirectUploadsContract(name: string, open: () => Promise<OpenDirectUploads>): void {
  describe(`direct uploads (${name})`, () => {
    let opened: OpenDirectUploads;
    let uploads: DirectUploads;
    let objects: ObjectStore;

    beforeEach(async () => {
      opened = await open();
      ({ uploads, objects } = opened);
    });
    afterEach(() => opened.close());

    const begin = async (sizeBytes = BYTES.length, key = KEY) => {
      const { uploadId, parts } = await uploads.begin(key, { sizeBytes, expiresInS: 600 });
      return { upload: { key, uploadId, sizeBytes } satisfies OpenUpload, parts };
    };
    const bytesOf = ({ number, sizeBytes }: DirectPart) =>
      BYTES.subarray((number - 1) * 8 * MIB, (number - 1) * 8 * MIB + sizeBytes);

    /** As a sender does: at the address of the part, or through the program where it has none. */
    async function send(upload: OpenUpload, part: DirectPart, bytes = bytesOf(part)): Promise<boolean> {
      if (part.url !== null) {
        const answer = await fetch(part.url, { method: 'PUT', body: new Uint8Array(bytes) });
        await answer.body?.cancel();
        return answer.ok;
      }
      const chunks = async function* () {
        for (let start = 0; start < bytes.length; start += 100_000)
          yield bytes.subarray(start, start + 100_000);
      };
      try {
        await uploads.writePart(upload, part.number, chunks());
        return true;
      } catch (error) {
        expect(isInvalidInput(error) || isNotFound(error)).toBe(true);
        return false;
      }
    }

    async function stored(): Promise<Buffer> {
      return Buffer.concat(await Array.fromAsync(objects.read(KEY)));
    }

    it('makes the object of parts that came in any order, some of them again', async () => {
      const { upload, parts } = await begin();
      expect(parts.map(({ number, sizeBytes }) => [number, sizeBytes])).toEqual([
        [1, 8 * MIB],
        [2, 8 * MIB],
        [3, MIB],
      ]);
      for (const part of parts.toReversed()) expect(await send(upload, part)).toBe(true);
      const [first] = parts;
      if (first === undefined) throw new Error('There is no part.');
      expect(await send(upload, first, new Uint8Array(8 * MIB))).toBe(true);
      expect(await send(upload, first)).toBe(true);
      expect(await objects.find(KEY)).toBeNull();
      await uploads.complete(upload);
      expect((await stored()).equals(BYTES)).toBe(true);
      await expect(uploads.complete(upload)).rejects.toMatchObject({ code: 'not_found' });
      expect(await send(upload, first)).toBe(false);
    });

    it('makes nothing while parts are missing, and goes on when they come', async () => {
      const { upload, parts } = await begin();
      await expect(uploads.complete(upload)).rejects.toMatchObject({
        code: 'conflict',
        details: { missing_parts: [1, 2, 3] },
      });
      const [first, second, third] = parts;
      if (first === undefined || second === undefined || third === undefined) throw new Error('No parts.');
      await send(upload, first);
      await send(upload, third);
      await expect(uploads.complete(upload)).rejects.toMatchObject({
        code: 'conflict',
        details: { missing_parts: [2] },
      });
      expect(await objects.find(KEY)).toBeNull();
      await send(upload, second);
      await uploads.complete(upload);
      expect((await stored()).equals(BYTES)).toBe(true);
    });

    it('takes no part that is longer or shorter than it should be', async () => {
      const { upload, parts } = await begin(5);
      const [part] = parts;
      if (part === undefined) throw new Error('There is no part.');
      const mayBeTaken = opened.checksNoSignatures === true;
      for (const length of [0, 4, 6, 100_000]) {
        const isStored = await send(upload, part, new Uint8Array(length));
        if (!mayBeTaken) expect(isStored).toBe(false);
        await expect(uploads.complete(upload)).rejects.toMatchObject({ code: 'conflict' });
      }
      expect(await send(upload, part)).toBe(true);
      // What is refused leaves what is there as it is.
      if (!mayBeTaken) expect(await send(upload, part, new Uint8Array(6))).toBe(false);
      await uploads.complete(upload);
      expect((await stored()).equals(BYTES.subarray(0, 5))).toBe(true);
    });

    it('is aborted, once or twice, and takes nothing more', async () => {
      const { upload, parts } = await begin(5);
      const [part] = parts;
      if (part === undefined) throw new Error('There is no part.');
      await send(upload, part);
      await uploads.abort(upload);
      await uploads.abort(upload);
      expect(await send(upload, part)).toBe(false);
      await expect(uploads.complete(upload)).rejects.toMatchObject({ code: 'not_found' });
      expect(await objects.find(KEY)).toBeNull();
    });

    it('leaves what was completed when it is aborted afterwards', async () => {
      const { upload, parts } = await begin(5);
      for (const part of parts) await send(upload, part);
      await uploads.complete(upload);
      await uploads.abort(upload);
      expect((await stored()).equals(BYTES.subarray(0, 5))).toBe(true);
    });

    it('sweeps those on which nothing has happened', async () => {
      const { upload, parts } = await begin(5);
      for (const part of parts) await send(upload, part);
      expect(await uploads.sweep(Date.now() - 60_000)).toBe(0);
      expect(await uploads.sweep(Date.now() + 60_000)).toBe(1);
      expect(await uploads.sweep(Date.now() + 60_000)).toBe(0);
      await expect(uploads.complete(upload)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('refuses lengths that none has', async () => {
      for (const sizeBytes of [0, -1, 1.5, Number.NaN])
        await expect(begin(sizeBytes)).rejects.toMatchObject({ code: 'invalid_input' });
      await expect(begin(60_000 * 1024 ** 3)).rejects.toMatchObject({ code: 'too_large' });
    });

    it.each(['', '../../etc', 'a/b', 'f'.repeat(32)])('knows no upload "%s"', async (uploadId) => {
      const upload = { key: KEY, uploadId, sizeBytes: 5 };
      const known = expect.stringMatching(/^(not_found|invalid_input|storage_unavailable)$/) as string;
      const none = async function* () {
        yield BYTES.subarray(0, 5);
      };
      await expect(uploads.complete(upload)).rejects.toMatchObject({ code: known });
      await expect(uploads.writePart(upload, 1, none())).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
