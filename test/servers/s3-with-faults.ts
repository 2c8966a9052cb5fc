import { ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { openS3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import type { ObjectStore } from '../../src/domain/object-store.ts';
import { type Fault, type FaultyS3 } from './s3-faults.ts';
import { makeTestBucket } from './s3-server.ts';
import { useFaultyS3 } from './use-s3.ts';

export const MIB = 1024 * 1024;
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes that tell their places. */
export function pattern(length: number, seed = 0): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let index = 0; index < words.length; index++) words[index] = index * 2654435761 + seed;
  return new Uint8Array(words.buffer, 0, length);
}

/** An S3 whose requests fail as a test says, and the way around that; a bucket and a directory for each test. */
export interface S3WithFaults {
  readonly faulty: FaultyS3;
  readonly client: S3Client;
  readonly direct: S3Client;
  readonly bucket: string;
  readonly tempDir: string;
  /** Meets the faults. */
  readonly store: ObjectStore;
  /** Does not. */
  readonly untouched: ObjectStore;
  /** Each fault once, in this order, for requests of the method. */
  fail(method: string, ...faults: (Fault | undefined)[]): void;
  openUploads(): Promise<unknown[]>;
}

/** For one test file. Every test must leave its directory empty and no request open. */
export function useS3WithFaults(): S3WithFaults {
  let faulty: FaultyS3;
  let client: S3Client;
  let direct: S3Client;
  let bucket: string;
  let store: ObjectStore;
  let untouched: ObjectStore;
  let tempDir: string;

  useFaultyS3((used) => ({ faulty, client, direct } = used));

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

  return {
    get faulty() {
      return faulty;
    },
    get client() {
      return client;
    },
    get direct() {
      return direct;
    },
    get bucket() {
      return bucket;
    },
    get tempDir() {
      return tempDir;
    },
    get store() {
      return store;
    },
    get untouched() {
      return untouched;
    },

    fail(method, ...faults) {
      faulty.faultOf = (seen) => (seen.method === method ? faults.shift() : undefined);
    },

    async openUploads() {
      return (await direct.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];
    },
  };
}
