import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../test/servers/s3-faults.ts';
import { hashOf, MIB, pattern, useS3WithFaults } from '../../../test/servers/s3-with-faults.ts';
import { openS3ObjectStore } from './s3-object-store.ts';
import { sweepUploads } from './upload-sweep.ts';

const s3 = useS3WithFaults();

describe('writing to an S3 that fails', () => {
  const failures: Fault = { kind: 'status', status: 500, code: 'InternalError' };

  async function* endless(onChunk?: (count: number) => void): AsyncGenerator<Uint8Array> {
    for (let count = 1; ; count++) {
      onChunk?.(count);
      yield pattern(MIB, count);
    }
  }

  it('sends a part again', async () => {
    const content = pattern(20 * MIB);
    s3.fail('PUT', failures, undefined, failures);
    expect(await s3.store.write('a', [content])).toMatchObject({ sizeBytes: 20 * MIB });
    expect(hashOf(await s3.untouched.readRange('a', { start: 0, endExclusive: 20 * MIB }))).toBe(
      hashOf(content),
    );
    expect(await s3.openUploads()).toEqual([]);
  });

  it('leaves no parts of an upload that fails in the middle', async () => {
    await s3.untouched.write('a', [pattern(3)]);
    s3.faulty.faultOf = ({ url }) =>
      Number(url.searchParams.get('partNumber')) === 2 ? failures : undefined;
    let isClosed = false;
    const body = async function* () {
      try {
        yield* endless();
      } finally {
        isClosed = true;
      }
    };
    await expect(s3.store.write('a', body())).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(isClosed).toBe(true);
    expect(await s3.openUploads()).toEqual([]);
    expect(await s3.untouched.find('a')).toMatchObject({ sizeBytes: 3 });
  });

  it('leaves no parts of an upload whose sender fails, or that is given up', async () => {
    const sender = endless((count) => {
      if (count === 30) throw new Error('the sender has gone');
    });
    await expect(s3.store.write('a', sender)).rejects.toThrow('the sender has gone');
    expect(s3.faulty.seen.some(({ url }) => url.searchParams.has('partNumber'))).toBe(true);
    const abort = new AbortController();
    const givenUp = endless((count) => {
      if (count === 30) abort.abort();
    });
    await expect(s3.store.write('a', givenUp, abort.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(await s3.openUploads()).toEqual([]);
    expect(await s3.untouched.find('a')).toBeNull();
  });

  it('leaves no parts when they cannot be joined, and keeps the file that was to be taken', async () => {
    const path = join(s3.tempDir, 'story.wav');
    await writeFile(path, '');
    await truncate(path, 20 * MIB);
    s3.faulty.faultOf = ({ method, url }) =>
      method === 'POST' && url.searchParams.has('uploadId') ? failures : undefined;
    await expect(s3.store.takeFile('a', path)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await s3.openUploads()).toEqual([]);
    s3.faulty.faultOf = () => undefined;
    expect(await s3.store.takeFile('a', path)).toMatchObject({ sizeBytes: 20 * MIB });
  });

  it('copies in parts what is too large for one request, and leaves none of a copy that fails', async () => {
    const content = pattern(12 * MIB);
    await s3.untouched.write('a', [content]);
    const limits = { maxCopyBytes: 6 * MIB, copyPartBytes: 5 * MIB };
    const inParts = openS3ObjectStore({
      client: s3.client,
      bucket: s3.bucket,
      tempDir: s3.tempDir,
      ...limits,
    });
    expect(await inParts.copy('a', 'b')).toMatchObject({ key: 'b', sizeBytes: 12 * MIB });
    expect(hashOf(await s3.untouched.readRange('b', { start: 0, endExclusive: 12 * MIB }))).toBe(
      hashOf(content),
    );
    expect(s3.faulty.seen.filter(({ method }) => method === 'PUT')).toHaveLength(3);
    s3.faulty.faultOf = ({ url }) =>
      Number(url.searchParams.get('partNumber')) === 2 ? failures : undefined;
    await expect(inParts.copy('a', 'c')).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await s3.openUploads()).toEqual([]);
    expect(await s3.untouched.find('c')).toBeNull();
    expect(await inParts.copy('a', 'a')).toMatchObject({ sizeBytes: 12 * MIB });
  });

  it('sweeps what killed processes left, and nothing younger', async () => {
    const refused: Fault = { kind: 'status', status: 403, code: 'AccessDenied' };
    s3.faulty.faultOf = ({ url, method }) =>
      url.searchParams.has('partNumber') || method === 'DELETE' ? refused : undefined;
    await expect(s3.store.write('a/b', endless())).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await s3.openUploads()).toHaveLength(1);
    const hour = { olderThanMs: 3_600_000 };
    const folder = { client: s3.direct, bucket: s3.bucket };
    expect(await sweepUploads(folder, { ...hour, nowMs: Date.now() })).toBe(0);
    expect(await sweepUploads({ ...folder, prefix: 'c/' }, { ...hour, nowMs: Date.now() + 3_700_000 })).toBe(
      0,
    );
    expect(await sweepUploads(folder, { ...hour, nowMs: Date.now() + 3_700_000 })).toBe(1);
    expect(await s3.openUploads()).toEqual([]);
  });
});
