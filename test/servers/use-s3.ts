import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import { startFaultyS3, type FaultyS3 } from './s3-faults.ts';
import { makeCheckingS3Client, makeS3Client, startS3, type S3Server } from './s3-server.ts';

interface UsedS3 {
  readonly server: S3Server;
  readonly client: S3Client;
  /** As with AWS's own S3. */
  readonly checking: S3Client;
}

interface UsedFaultyS3 {
  readonly server: S3Server;
  readonly faulty: FaultyS3;
  /** Meets the faults. */
  readonly client: S3Client;
  /** The way around them. */
  readonly direct: S3Client;
}

/** An S3 for one test file. @param onOpen is given it before the first test */
export function useS3(onOpen: (used: UsedS3) => void): void {
  let used: UsedS3;
  beforeAll(async () => {
    const server = await startS3();
    used = { server, client: makeS3Client(server.endpoint), checking: makeCheckingS3Client(server.endpoint) };
    onOpen(used);
  });
  afterAll(async () => {
    used.client.destroy();
    used.checking.destroy();
    await used.server.stop();
  });
}

/** The same, with requests that fail as a test says. */
export function useFaultyS3(onOpen: (used: UsedFaultyS3) => void): void {
  let used: UsedFaultyS3;
  beforeAll(async () => {
    const server = await startS3();
    const faulty = await startFaultyS3(server.endpoint);
    used = { server, faulty, client: makeS3Client(faulty.endpoint), direct: makeS3Client(server.endpoint) };
    onOpen(used);
  });
  afterAll(async () => {
    used.client.destroy();
    used.direct.destroy();
    await used.faulty.stop();
    await used.server.stop();
  });
}
