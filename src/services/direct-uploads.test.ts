import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { anyPayload } from '../../test/test-actions.ts';
import { openDirectoryDirectUploads } from '../adapters/files/directory-direct-upload.ts';
import { openDirectoryObjectStore } from '../adapters/files/directory-object-store.ts';
import { AppError } from '../domain/app-error.ts';
import type { PayloadSchema } from '../domain/payload-schema.ts';
import { ingestAction, type IngestOrderPayload } from './actions/ingest-action.ts';
import { LOCAL_CALLER } from './authenticate.ts';
import { completeUpload } from './complete-direct-upload.ts';
import { beginUpload, receivePart, type BegunUpload } from './direct-uploads.ts';
import type { Ports } from './ports.ts';
import { sweepDirectUploads, sweepUploads } from './sweep-expired.ts';
import type { ConflictRule } from './upload-audio.ts';

const DAY_MS = 24 * 3_600_000;
const BYTES = Buffer.from('some audio');

let nowMs: number;
let root: string;
let ports: Ports;

const down = async (): Promise<never> => {
  throw new AppError('storage_unavailable', 'Down.');
};

beforeEach(async () => {
  nowMs = Date.now();
  root = await mkdtemp(join(tmpdir(), 'earshot-'));
  ports = await start();
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Another instance over the same directory, or the same one after a restart. */
async function start(): Promise<Ports> {
  const objects = await openDirectoryObjectStore({ root });
  const fresh = createMemoryPorts({
    objects,
    directUploads: openDirectoryDirectUploads({ root, objects }),
    clock: () => nowMs,
  });
  const format = { codec: 'mp3', sampleRateHz: 44_100, channels: 2, bitrateKbps: 128 };
  return { ...fresh, mediaTool: { ...fresh.mediaTool, probe: async () => ({ format }) } };
}

async function begin(onConflict: ConflictRule = 'refuse'): Promise<BegunUpload> {
  const details = { filename: 'a.wav', sentFilename: 'a.wav', onConflict };
  return beginUpload(ports, LOCAL_CALLER, { sizeBytes: BYTES.length, details });
}

async function send({ uploadId, parts }: BegunUpload, to = ports): Promise<void> {
  for (const { number, address } of parts) {
    const signature = 'signature' in address ? address.signature : '';
    const body = async function* () {
      yield BYTES;
    };
    await receivePart(to, { uploadId, number, signature }, body());
  }
}

const keys = async () => (await ports.objects.list('', { limit: 100 })).items.map(({ key }) => key);
const countRequests = () => ports.queue.countOpen();

it.each<ConflictRule>(['refuse', 'rename'])('goes on elsewhere, and after a restart (%s)', async (rule) => {
  const begun = await begin(rule);
  const { audioFiles, queue, idempotency } = ports;
  const restarted = { ...(await start()), audioFiles, queue, idempotency };
  await send(begun, restarted);
  const outcome = await completeUpload(restarted, LOCAL_CALLER, begun.uploadId);
  expect(outcome).toMatchObject({ kind: 'accepted', filename: 'a.mp3' });
  if (outcome.kind !== 'accepted') throw new Error('It was not accepted.');
  expect(await keys()).toEqual([`uploads/${outcome.requestId}`]);
  expect(await completeUpload(ports, LOCAL_CALLER, begun.uploadId)).toEqual(outcome);
});

it.each<ConflictRule>(['refuse', 'rename'])(
  'has with it what its asker wants to have back (%s)',
  async (rule) => {
    const begun = await begin(rule);
    await send(begun);
    const payload = anyPayload as PayloadSchema<never> as PayloadSchema<IngestOrderPayload>;
    const origin = { connectionId: 'connection-1', metadata: { row: 3 } };
    const order = { upload_id: begun.uploadId };
    const submission = await ingestAction(ports, payload).submit?.(LOCAL_CALLER, order, origin);
    if (submission?.kind !== 'queued') throw new Error('It was not queued.');
    expect(await ports.queue.find(submission.requestId)).toMatchObject(origin);
  },
);

it('is completed again after the storage of records failed', async () => {
  const begun = await begin();
  await send(begun);
  const broken = { ...ports, queue: { ...ports.queue, enqueue: down } };
  for (let round = 0; round < 2; round += 1) {
    await expect(completeUpload(broken, LOCAL_CALLER, begun.uploadId)).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  }
  await expect(completeUpload(ports, LOCAL_CALLER, begun.uploadId)).resolves.toMatchObject({
    kind: 'accepted',
  });
  expect(await countRequests()).toBe(1);
});

it.each<ConflictRule>(['refuse', 'rename'])(
  'is taken in once when the process dies before it can tell (%s)',
  async (rule) => {
    const begun = await begin(rule);
    await send(begun);
    // Nothing of how it ended is kept, and the run is never released.
    const dying = {
      ...ports,
      idempotency: { ...ports.idempotency, finish: down, release: async () => undefined },
    };
    await expect(completeUpload(dying, LOCAL_CALLER, begun.uploadId)).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    nowMs += 600_000;
    await expect(completeUpload(ports, LOCAL_CALLER, begun.uploadId)).resolves.toMatchObject({
      kind: 'accepted',
      filename: 'a.mp3',
    });
    expect(await countRequests()).toBe(1);
    expect((await ports.audioFiles.list('default', { limit: 10, sort: 'name' })).items).toHaveLength(1);
  },
);

it('goes on with the object that a completion made before it died', async () => {
  const begun = await begin();
  await send(begun);
  const dying = { ...ports, mediaTool: { ...ports.mediaTool, probe: down } };
  await expect(completeUpload(dying, LOCAL_CALLER, begun.uploadId)).rejects.toThrow();
  await expect(completeUpload(ports, LOCAL_CALLER, begun.uploadId)).resolves.toMatchObject({
    kind: 'accepted',
  });
});

it('is swept when nobody completes it, and when a completion died', async () => {
  await send(await begin());
  const half = await begin();
  await send(half);
  const dying = { ...ports, mediaTool: { ...ports.mediaTool, probe: down } };
  await expect(completeUpload(dying, LOCAL_CALLER, half.uploadId)).rejects.toThrow();
  const directory = await openDirectoryObjectStore({ root: join(root, '.direct-uploads') });
  const countParts = async () => (await directory.list('', { limit: 100 })).items.length;
  nowMs += DAY_MS - 60_000;
  await sweepDirectUploads(ports);
  await sweepUploads(ports);
  expect([(await keys()).length, await countParts()]).toEqual([3, 1]);
  nowMs += 120_000;
  await sweepDirectUploads(ports);
  await sweepUploads(ports);
  expect([(await keys()).length, await countParts()]).toEqual([0, 0]);
});

it('leaves nothing when it cannot begin', async () => {
  const broken = { ...ports, objects: { ...ports.objects, write: down } };
  const details = { filename: 'a.wav', onConflict: 'refuse' } as const;
  await expect(beginUpload(broken, LOCAL_CALLER, { sizeBytes: 5, details })).rejects.toThrow();
  expect(await ports.directUploads.sweep(Infinity)).toBe(0);
});
