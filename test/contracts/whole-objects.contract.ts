import { createHash, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/domain/object-store.ts';
import type { WholeObjectPlan, WholeObjects, WholeSegment } from '../../src/domain/whole-object.ts';

export interface OpenWholeObjects {
  readonly wholeObjects: WholeObjects;
  readonly objects: ObjectStore;
  /** How many uploads nobody has completed or aborted; null where there is no such thing. */
  countOpenUploads(): Promise<number | null>;
}

const MIB = 1024 * 1024;
const never = new AbortController().signal;

export function describeWholeObjectsContract(name: string, open: () => Promise<OpenWholeObjects>): void {
  describe(`whole objects: ${name}`, () => {
    let home: OpenWholeObjects;
    let whole: Buffer;
    let plan: WholeObjectPlan;

    beforeEach(async () => {
      home = await open();
      // A head, a long part of which the first bytes are left out, two short ones, and a long one at the end.
      const lead = randomBytes(417);
      const parts = [9, 2, 3, 6].map((megabytes) => randomBytes(megabytes * MIB + 100));
      const segments: WholeSegment[] = [{ start: 0, endExclusive: lead.length }];
      const pieces: Buffer[] = [lead];
      let start = lead.length;
      for (const [index, part] of parts.entries()) {
        const key = `playable/${index}.mp3`;
        await home.objects.write(key, [part]);
        const audio = part.subarray(100);
        pieces.push(audio);
        const endExclusive = start + audio.length;
        segments.push({ start, endExclusive, copyFrom: { key, start: 100 } });
        start = endExclusive;
      }
      whole = Buffer.concat(pieces);
      plan = {
        key: 'made/Etag-_1.mp3',
        sizeBytes: whole.length,
        etag: 'Etag-_1',
        contentType: 'audio/mpeg',
        segments,
        async *read(from, to) {
          for (let at = from; at < to; at += 100_000) yield whole.subarray(at, Math.min(to, at + 100_000));
        },
      };
    });

    const read = async () => {
      const hash = createHash('sha256');
      for await (const chunk of home.objects.read(plan.key)) hash.update(chunk);
      return hash.digest('hex');
    };
    const wanted = () => createHash('sha256').update(whole).digest('hex');

    it('are just what was planned', async () => {
      expect(await home.wholeObjects.find(plan.key)).toBeNull();
      await home.wholeObjects.make(plan, never);
      const found = await home.wholeObjects.find(plan.key);
      expect(found?.sizeBytes).toBe(whole.length);
      expect(found?.etag).toMatch(/^"[^"]+"$/);
      expect(await read()).toBe(wanted());
    });

    it('are the same whoever makes them, two at once as well', async () => {
      await home.wholeObjects.make(plan, never);
      const before = await home.wholeObjects.find(plan.key);
      await Promise.all([home.wholeObjects.make(plan, never), home.wholeObjects.make(plan, never)]);
      expect(await home.wholeObjects.find(plan.key)).toEqual(before);
      expect(await read()).toBe(wanted());
    });

    it('are not there, and nothing is left of them, when something fails', async () => {
      const failing: WholeObjectPlan = {
        ...plan,
        async *read(from, to) {
          yield whole.subarray(from, Math.min(to, from + 10));
          throw new Error('on purpose');
        },
      };
      await expect(home.wholeObjects.make(failing, never)).rejects.toThrow();
      const gone = {
        ...plan,
        segments: [...plan.segments].map((segment) => ({ ...segment, ...away(segment) })),
      };
      await expect(home.wholeObjects.make(gone, never)).rejects.toThrow();
      const aborted = AbortSignal.abort();
      await expect(home.wholeObjects.make(plan, aborted)).rejects.toMatchObject({ code: 'aborted' });
      expect(await home.wholeObjects.find(plan.key)).toBeNull();
      expect((await home.countOpenUploads()) ?? 0).toBe(0);
    });
  });
}

const away = ({ copyFrom }: WholeSegment) =>
  copyFrom === undefined ? {} : { copyFrom: { ...copyFrom, key: 'playable/gone.mp3' } };
