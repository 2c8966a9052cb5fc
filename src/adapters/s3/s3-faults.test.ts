import { ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ObjectStore } from '../../domain/object-store.ts';
import { startFaultyS3, type Fault, type FaultyS3 } from '../../../test/servers/s3-faults.ts';
import {
  makeCheckingS3Client,
  makeS3Client,
  makeTestBucket,
  startS3,
  type S3Server,
} from '../../../test/servers/s3-server.ts';
import { openS3ObjectStore } from './s3-object-store.ts';
import { sweepUploads } from './upload-sweep.ts';

const MIB = 1024 * 1024;
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that tell their places. */
function pattern(length: number, seed = 0): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0; index < words.length; index++) words[index] = index * 2654435761 + seed;
  return new Uint8Array(words.buffer, 0, length);
}

let server: S3Server;
let faulty: FaultyS3;
let client: S3Client;
let direct: S3Client;
let bucket: string;
let store: ObjectStore;
let untouched: ObjectStore;
let tempDir: string;

beforeAll(async () => {
  server = await startS3();
  faulty = await startFaultyS3(server.endpoint);
  client = makeS3Client(faulty.endpoint);
  direct = makeS3Client(server.endpoint);
});

afterAll(async () => {
  client.destroy();
  direct.destroy();
  await faulty.stop();
  await server.stop();
});

beforeEach(async () => {
  bucket = await makeTestBucket(direct);
  tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  store = openS3ObjectStore({ client, bucket, tempDir, stallTimeoutMs: 800, random: () => 0 });
  untouched = openS3ObjectStore({ client: direct, bucket, tempDir });
  faulty.seen.length = 0;
  faulty.faultOf = () => undefined;
});

afterEach(async () => {
  expect(await readdir(tempDir)).toEqual([]);
  await rm(tempDir, { recursive: true, force: true });
  await vi.waitFor(() => expect(faulty.openCount()).toBe(0));
});

/** Each fault once, in this order, for requests of the method. */
function fail(method: string, ...faults: (Fault | undefined)[]): void {
  faulty.faultOf = (seen) => (seen.method === method ? faults.shift() : undefined);
}

const gets = () => faulty.seen.filter(({ method }) => method === 'GET');

/** The first byte that each GET asked for; all go to the same end. */
const startsOfGets = (endExclusive: number): number[] =>
  gets().map(({ range }) => {
    if (range === undefined) return 0;
    expect(range).toMatch(new RegExp(`^bytes=\\d+-${endExclusive - 1}$`));
    return Number.parseInt(range.slice('bytes='.length));
  });

async function openUploads(): Promise<unknown[]> {
  return (await direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];
}

describe('reading from an S3 that fails', () => {
  it.each(['cut', 'stall'] as const)('goes on at the byte where a body met a %s', async (kind) => {
    const content = pattern(2 * MIB);
    await untouched.write('a', [content]);
    fail('GET', { kind, afterBytes: 300_001 }, { kind, afterBytes: 1 }, { kind, afterBytes: 0 });
    const memory = new Uint8Array(MIB + 5);
    const bytes = await store.readRange('a', { start: 7, endExclusive: MIB + 12 }, undefined, memory);
    expect(bytes).toBe(memory);
    expect(hashOf(bytes)).toBe(hashOf(content.subarray(7, MIB + 12)));
    const starts = startsOfGets(MIB + 12);
    expect(starts).toHaveLength(4);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    // With a cut goes what has come and has not been looked at: that may be asked for again.
    if (kind === 'stall') expect(starts).toEqual([7, 300_008, 300_009, 300_009]);
    else expect(starts[3]).toBeGreaterThan(7);
  });

  it('goes on with a whole object, too, and with a local copy', async () => {
    const content = pattern(MIB);
    await untouched.write('a', [content]);
    fail('GET', { kind: 'cut', afterBytes: 500_000 }, undefined, { kind: 'cut', afterBytes: 400_000 });
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.read('a')) chunks.push(chunk);
    expect(hashOf(Buffer.concat(chunks))).toBe(hashOf(content));
    const copied = await store.withLocalFile('a', async (path) => {
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      return hashOf(await readFile(path));
    });
    expect(copied).toBe(hashOf(content));
    const starts = startsOfGets(MIB);
    expect(starts.map((start) => start > 0)).toEqual([false, true, false, true]);
  });

  it.each(['cut', 'stall', 'spoil'] as const)(
    'with checksums, gives no wrong byte after a %s',
    async (kind) => {
      const checking = makeCheckingS3Client(faulty.endpoint);
      const checked = openS3ObjectStore({ client: checking, bucket, tempDir, stallTimeoutMs: 800 });
      const content = pattern(MIB);
      await checked.write('a', [content]);
      fail('GET', { kind, afterBytes: 500_000 });
      const reading = checked.withLocalFile('a', async (path) => hashOf(await readFile(path)));
      if (kind === 'spoil') {
        await expect(reading).rejects.toMatchObject({
          code: 'storage_unavailable',
          message: 'A stored object is not what it was.',
        });
      } else {
        expect(await reading).toBe(hashOf(content));
      }
      for await (const chunk of checked.read('a')) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      await vi.waitFor(() => expect(faulty.openCount()).toBe(0));
      checking.destroy();
    },
  );

  it('gives up on an object whose every reading breaks off', async () => {
    await untouched.write('a', [pattern(MIB)]);
    faulty.faultOf = () => ({ kind: 'cut', afterBytes: 10 });
    await expect(store.readRange('a', { start: 0, endExclusive: MIB })).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    expect(gets()).toHaveLength(5);
  });

  it.each([
    ['replaced', (key: string) => untouched.write(key, [pattern(2 * MIB, 99)])],
    ['deleted', (key: string) => untouched.delete(key)],
  ])('never mixes two contents when the object is %s in between', async (_, change) => {
    await untouched.write('a', [pattern(2 * MIB)]);
    let count = 0;
    faulty.faultOf = async ({ method }) => {
      if (method !== 'GET') return undefined;
      count += 1;
      if (count === 1) return { kind: 'cut', afterBytes: 100_000 };
      await change('a');
      return undefined;
    };
    await expect(store.readRange('a', { start: 0, endExclusive: MIB })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'A stored object was replaced or deleted while it was read.',
    });
    expect(count).toBe(2);
  });

  it('comes through a burst of 503', async () => {
    await untouched.write('a', [pattern(1000)]);
    const burst: Fault = { kind: 'status', status: 503, code: 'ServiceUnavailable' };
    fail('GET', burst, burst, burst);
    expect(await store.readRange('a', { start: 0, endExclusive: 1000 })).toEqual(pattern(1000));
    expect(gets()).toHaveLength(4);
    fail('HEAD', burst, burst);
    expect(await store.find('a')).toMatchObject({ sizeBytes: 1000 });
  });

  it.each([
    [500, 'InternalError', 'storage_unavailable'],
    [403, 'AccessDenied', 'storage_unavailable'],
    [404, 'NoSuchBucket', 'storage_unavailable'],
    [404, 'NoSuchKey', 'not_found'],
  ])('says what %i %s is', async (status, code, expected) => {
    faulty.faultOf = () => ({ kind: 'status', status, code });
    await expect(store.readRange('a', { start: 0, endExclusive: 1 })).rejects.toMatchObject({
      code: expected,
      cause: { name: code },
    });
  });

  it('closes the connection when its asker goes', async () => {
    await untouched.write('a', [pattern(4 * MIB)]);
    fail('GET', { kind: 'stall', afterBytes: 1000 });
    const patient = openS3ObjectStore({ client, bucket, tempDir });
    const abort = new AbortController();
    const reading = patient.readRange('a', { start: 0, endExclusive: MIB }, abort.signal);
    await vi.waitFor(() => expect(faulty.openCount()).toBe(1));
    await setTimeout(50);
    abort.abort();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(faulty.openCount()).toBe(0));

    fail('GET', { kind: 'stall', afterBytes: 100_000 });
    for await (const chunk of patient.read('a')) {
      expect(chunk.length).toBeGreaterThan(0);
      expect(faulty.openCount()).toBe(1);
      break;
    }
    await vi.waitFor(() => expect(faulty.openCount()).toBe(0));
  });

  it('keeps no connection for an asker who takes his time, and loses no byte', async () => {
    const content = pattern(8 * MIB);
    await untouched.write('a', [content]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.read('a')) {
      chunks.push(chunk);
      if (chunks.length === 3) await vi.waitFor(() => expect(faulty.openCount()).toBe(0), 5_000);
    }
    expect(hashOf(Buffer.concat(chunks))).toBe(hashOf(content));
    expect(gets().length).toBeGreaterThan(1);
  });
});

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
    fail('PUT', failures, undefined, failures);
    expect(await store.write('a', [content])).toMatchObject({ sizeBytes: 20 * MIB });
    expect(hashOf(await untouched.readRange('a', { start: 0, endExclusive: 20 * MIB }))).toBe(
      hashOf(content),
    );
    expect(await openUploads()).toEqual([]);
  });

  it('leaves no parts of an upload that fails in the middle', async () => {
    await untouched.write('a', [pattern(3)]);
    faulty.faultOf = ({ url }) => (Number(url.searchParams.get('partNumber')) === 2 ? failures : undefined);
    let isClosed = false;
    const body = async function* () {
      try {
        yield* endless();
      } finally {
        isClosed = true;
      }
    };
    await expect(store.write('a', body())).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(isClosed).toBe(true);
    expect(await openUploads()).toEqual([]);
    expect(await untouched.find('a')).toMatchObject({ sizeBytes: 3 });
  });

  it('leaves no parts of an upload whose sender fails, or that is given up', async () => {
    const sender = endless((count) => {
      if (count === 30) throw new Error('the sender has gone');
    });
    await expect(store.write('a', sender)).rejects.toThrow('the sender has gone');
    expect(faulty.seen.some(({ url }) => url.searchParams.has('partNumber'))).toBe(true);
    const abort = new AbortController();
    const givenUp = endless((count) => {
      if (count === 30) abort.abort();
    });
    await expect(store.write('a', givenUp, abort.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(await openUploads()).toEqual([]);
    expect(await untouched.find('a')).toBeNull();
  });

  it('leaves no parts when they cannot be joined, and keeps the file that was to be taken', async () => {
    const path = join(tempDir, 'story.wav');
    await writeFile(path, '');
    await truncate(path, 20 * MIB);
    faulty.faultOf = ({ method, url }) =>
      method === 'POST' && url.searchParams.has('uploadId') ? failures : undefined;
    await expect(store.takeFile('a', path)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await openUploads()).toEqual([]);
    faulty.faultOf = () => undefined;
    expect(await store.takeFile('a', path)).toMatchObject({ sizeBytes: 20 * MIB });
  });

  it('copies in parts what is too large for one request, and leaves none of a copy that fails', async () => {
    const content = pattern(12 * MIB);
    await untouched.write('a', [content]);
    const limits = { maxCopyBytes: 6 * MIB, copyPartBytes: 5 * MIB };
    const inParts = openS3ObjectStore({ client, bucket, tempDir, ...limits });
    expect(await inParts.copy('a', 'b')).toMatchObject({ key: 'b', sizeBytes: 12 * MIB });
    expect(hashOf(await untouched.readRange('b', { start: 0, endExclusive: 12 * MIB }))).toBe(
      hashOf(content),
    );
    expect(faulty.seen.filter(({ method }) => method === 'PUT')).toHaveLength(3);
    faulty.faultOf = ({ url }) => (Number(url.searchParams.get('partNumber')) === 2 ? failures : undefined);
    await expect(inParts.copy('a', 'c')).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await openUploads()).toEqual([]);
    expect(await untouched.find('c')).toBeNull();
    expect(await inParts.copy('a', 'a')).toMatchObject({ sizeBytes: 12 * MIB });
  });

  it('sweeps what killed processes left, and nothing younger', async () => {
    const refused: Fault = { kind: 'status', status: 403, code: 'AccessDenied' };
    faulty.faultOf = ({ url, method }) =>
      url.searchParams.has('partNumber') || method === 'DELETE' ? refused : undefined;
    await expect(store.write('a/b', endless())).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(await openUploads()).toHaveLength(1);
    const hour = { olderThanMs: 3_600_000 };
    const folder = { client: direct, bucket };
    expect(await sweepUploads(folder, { ...hour, nowMs: Date.now() })).toBe(0);
    expect(await sweepUploads({ ...folder, prefix: 'c/' }, { ...hour, nowMs: Date.now() + 3_700_000 })).toBe(
      0,
    );
    expect(await sweepUploads(folder, { ...hour, nowMs: Date.now() + 3_700_000 })).toBe(1);
    expect(await openUploads()).toEqual([]);
  });
});
