import { DeleteObjectsCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../test/silent-log.ts';
import type { StreamDefinition, StreamStore } from '../../domain/stream.ts';
import { type Fault, type FaultyS3 } from '../../../test/servers/s3-faults.ts';
import { makeS3Client, makeTestBucket, type S3Server } from '../../../test/servers/s3-server.ts';
import { openS3StreamStore } from './s3-stream-store.ts';
import { useFaultyS3 } from '../../../test/servers/use-s3.ts';

const STREAM: StreamDefinition = {
  tenantId: 'default',
  name: 'bedtime',
  files: ['story.mp3'],
  playMode: 'shuffle',
  persistence: 'permanent',
};

let server: S3Server;
let faulty: FaultyS3;
let client: S3Client;
let direct: S3Client;
let bucket: string;
let store: StreamStore;

const open = (by: S3Client) => openS3StreamStore({ client: by, bucket, clock: Date.now, log: silentLog });

useFaultyS3((used) => ({ server, faulty, client, direct } = used));

beforeEach(async () => {
  bucket = await makeTestBucket(direct);
  faulty.faultOf = () => undefined;
  store = open(client);
});

describe('streams in an S3 that fails', () => {
  const failures = (...faults: (Fault | undefined)[]) => {
    faulty.faultOf = () => faults.shift();
  };
  const throttled: Fault = { kind: 'status', status: 503, code: 'SlowDown' };

  it('comes through a burst of errors, a collision and a body that breaks off', async () => {
    failures(throttled, throttled);
    await store.save(STREAM, null);
    failures(undefined, { kind: 'status', status: 409, code: 'ConditionalRequestConflict' });
    const saved = await store.save({ ...STREAM, title: 'New' });
    const cold = open(client);
    failures({ kind: 'cut', afterBytes: 10 });
    expect(await cold.find('default', 'bedtime')).toEqual(saved);
    failures(undefined, { kind: 'status', status: 409, code: 'ConditionalRequestConflict' });
    expect(await store.delete('default', 'bedtime', saved.revision)).toBe(true);
  });

  it.each([
    [503, 'ServiceUnavailable'],
    [500, 'InternalError'],
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
  ])(
    'says storage_unavailable for %i %s, with nothing changed',
    async (status, code) => {
      const saved = await store.save(STREAM);
      faulty.faultOf = () => ({ kind: 'status', status, code });
      const expected = { code: 'storage_unavailable', cause: { name: code } };
      await expect(store.find('default', 'bedtime')).rejects.toMatchObject(expected);
      await expect(store.list('default', { limit: 1 })).rejects.toMatchObject(expected);
      await expect(store.save({ ...STREAM, files: [] }, saved.revision)).rejects.toMatchObject(expected);
      await expect(store.delete('default', 'bedtime')).rejects.toMatchObject(expected);
      faulty.faultOf = () => undefined;
      expect(await store.find('default', 'bedtime')).toEqual(saved);
    },
    30_000,
  );

  it('says storage_unavailable when it stays throttled', { timeout: 30_000 }, async () => {
    faulty.faultOf = () => throttled;
    await expect(store.find('default', 'bedtime')).rejects.toMatchObject({
      code: 'storage_unavailable',
      cause: { name: 'SlowDown' },
    });
  });

  it('finds a write whose answer was lost, also when others have built upon it', async () => {
    const losing = makeS3Client(server.endpoint);
    let afterLoss: () => Promise<unknown> = () => Promise.resolve();
    let losses = 0;
    const lost = new Set<unknown>();
    // Inside of the client's own repetition: every write is made, and its first answer is a failure.
    losing.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (!/Put|Delete/.test(String(context.commandName)) || lost.has(context)) return result;
        lost.add(context);
        losses += 1;
        await afterLoss();
        throw new S3ServiceException({
          name: 'InternalError',
          $fault: 'server',
          message: 'The answer is lost.',
          $metadata: { httpStatusCode: 500 },
        });
      },
      { step: 'finalizeRequest', priority: 'low', name: 'loseAnswers' },
    );
    const unlucky = open(losing);
    const created = await unlucky.save(STREAM, null);
    expect(await store.find('default', 'bedtime')).toEqual(created);
    const second = await unlucky.save({ ...STREAM, title: 'Second' }, created.revision);
    afterLoss = async () => {
      const { revision, storedAtMs: _at, ...theirs } = (await store.find('default', 'bedtime')) ?? second;
      await store.save({ ...theirs, files: [...theirs.files, 'theirs.mp3'] }, revision);
    };
    await unlucky.save({ ...STREAM, files: ['ours.mp3'] }, second.revision);
    expect((await store.find('default', 'bedtime'))?.files).toEqual(['ours.mp3', 'theirs.mp3']);
    afterLoss = () => Promise.resolve();
    const { revision } = (await unlucky.find('default', 'bedtime')) ?? second;
    expect(await unlucky.delete('default', 'bedtime', revision)).toBe(true);
    // A write that others were faster than stays refused, repeated or not.
    await store.save({ ...STREAM, title: 'Theirs' });
    await expect(unlucky.save(STREAM, null)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(losses).toBe(4);
    losing.destroy();
  });

  it('does not bring back what went in between', async () => {
    const { revision } = await store.save(STREAM);
    await direct.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [{ Key: 'streams/bedtime.json' }] } }),
    );
    await expect(store.save({ ...STREAM, files: [] }, revision)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect(await store.delete('default', 'bedtime')).toBe(false);
  });
});
