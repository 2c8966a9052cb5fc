import { expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { reserveFilename } from './reserve-filename.ts';
import { settleAbandoned, settleAllAbandoned } from './settle-abandoned.ts';
import { addUser } from './users.ts';

it('gives up files whose request has ended or never was, and no others', async () => {
  const ports = createMemoryPorts();
  const requests = ['ended', 'open', 'unknown'];
  for (const requestId of requests) {
    await reserveFilename(ports, { ...lostUpload(requestId), tenantId: 'default', userId: 'user' });
    const request = {
      requestId,
      action: requestId,
      payload: {},
      userId: 'user',
      tenantId: 'default',
      maxRetries: 0,
    };
    if (requestId !== 'unknown') await ports.queue.enqueue(request);
  }
  const [claimed] = await ports.queue.claim(['ended'], 1000, 1);
  if (claimed === undefined) throw new Error('nothing to claim');
  await ports.queue.fail(claimed.lease, { code: 'internal', message: 'It broke.', retryable: true });

  expect(await settleAbandoned(ports, 'default')).toBe(2);
  const files = await ports.audioFiles.list('default', { sort: 'name', limit: 10 });
  expect(files.items.map(({ filename, state, error }) => [filename, state, error])).toEqual([
    ['ended.mp3', 'failed', 'It broke.'],
    ['open.mp3', 'processing', undefined],
    ['unknown.mp3', 'failed', 'The work on this file was never finished. Upload it again.'],
  ]);
});

it('gives up those of every tenant that has users', async () => {
  const ports = createMemoryPorts();
  for (const tenantId of ['default', 'neighbours', 'cellar']) {
    await reserveFilename(ports, { ...lostUpload('lost'), tenantId, userId: 'user' });
    if (tenantId === 'default') continue;
    await addUser(ports, tenantId, {
      username: `of-${tenantId}`,
      password: 'a good long password',
      isAdmin: true,
    });
  }
  await settleAllAbandoned(ports);
  for (const tenantId of ['default', 'neighbours', 'cellar']) {
    expect((await ports.audioFiles.find(tenantId, 'lost.mp3'))?.state).toBe('failed');
  }
});

const lostUpload = (requestId: string) => ({
  requestId,
  payload: {
    upload_key: `uploads/${requestId}`,
    filename: `${requestId}.mp3`,
    original_filename: `${requestId}.wav`,
    original_sha256: requestId,
    original_size: 1,
  },
});
