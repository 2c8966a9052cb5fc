import { beforeEach, describe, expect, it } from 'vitest';
import { connection } from '../../test/contracts/connection-store.contract.ts';
import { subscription } from '../../test/contracts/subscription-store.contract.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { newUser } from '../../test/sample-records.ts';
import { createMemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Ports } from './ports.ts';
import { reserveFilename } from './reserve-filename.ts';
import {
  sweepCredentials,
  sweepRecords,
  sweepExpiringObjects,
  sweepSessions,
  sweepUploads,
} from './sweep-expired.ts';
import { sweepConnections } from './sweep-connections.ts';
import { sweepRetired } from './sweep-retired.ts';
import { startSweeps, sweepOnce } from './sweeps.ts';

const HOUR_MS = 3_600_000;
const KEY = 'playable/abc123.mp3';
const bytes = [new Uint8Array([1])];

describe('sweeps', () => {
  let nowMs: number;
  let ports: Ports;

  beforeEach(() => {
    nowMs = Date.UTC(2026, 0, 1);
    const clock = () => nowMs;
    ports = createMemoryPorts({ clock, objects: createMemoryObjectStore(clock) });
  });

  const keys = async () => (await ports.objects.list('', { limit: 1000 })).items.map(({ key }) => key);
  const enqueue = (requestId: string) =>
    ports.queue.enqueue({
      requestId,
      action: 'ingest',
      payload: {},
      userId: '1',
      tenantId: 'default',
      maxRetries: 0,
    });

  async function addFile(originalKey: string): Promise<AudioFile> {
    const payload = {
      upload_key: 'uploads/1',
      filename: 'a.mp3',
      original_filename: 'a.wav',
      original_sha256: 'ab',
      original_size: 1,
    };
    const file = await reserveFilename(ports, { requestId: '1', tenantId: 'default', userId: '1', payload });
    return ports.audioFiles.save({ ...file, originalKey }, file.revision);
  }

  describe('of retired objects', () => {
    it('deletes what is due, with the index of a playable part', async () => {
      for (const key of [KEY, 'index/abc123', 'index/other', 'originals/x.wav'])
        await ports.objects.write(key, bytes);
      await ports.retired.add({ key: KEY, sweepAtMs: nowMs });
      await ports.retired.add({ key: 'originals/x.wav', sweepAtMs: nowMs + 1 });
      expect(await sweepRetired(ports)).toBe(1);
      expect(await keys()).toEqual(['index/other', 'originals/x.wav']);
      nowMs += 1;
      expect(await sweepRetired(ports)).toBe(1);
      expect(await sweepRetired(ports)).toBe(0);
      expect(await keys()).toEqual(['index/other']);
    });

    it('spares what a record names again, and retires it no more', async () => {
      await ports.objects.write('originals/x.wav', bytes);
      await ports.retired.add({ key: 'originals/x.wav', sweepAtMs: nowMs });
      await addFile('originals/x.wav');
      expect(await sweepRetired(ports)).toBe(0);
      expect(await keys()).toEqual(['originals/x.wav']);
      await ports.audioFiles.delete('default', 'a.mp3');
      expect(await ports.retired.listDue(nowMs, 10)).toEqual([]);
    });

    it('goes on where a crash stopped it', async () => {
      await ports.retired.add({ key: KEY, sweepAtMs: nowMs });
      expect(await sweepRetired(ports)).toBe(1);
      expect(await ports.retired.listDue(nowMs, 10)).toEqual([]);
    });
  });

  it('of sessions: what has expired goes, and its session streams with it', async () => {
    const user = await ports.users.create({
      tenantId: 'neighbours',
      username: 'anna',
      passwordHash: '',
      isAdmin: false,
      isActive: true,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    });
    for (const [id, lifeMs] of [
      ['old', 10],
      ['new', 20],
    ] as const) {
      const session = { id, tokenHash: id, userId: user.id, createdAtMs: nowMs, expiresAtMs: nowMs + lifeMs };
      await ports.sessions.create(session);
      await ports.streams.save({
        tenantId: 'neighbours',
        name: id,
        files: [],
        playMode: 'loop',
        persistence: 'session',
        sessionId: id,
      });
    }
    nowMs += 10;
    await sweepSessions(ports);
    expect(await ports.streams.find('neighbours', 'old')).toBeNull();
    expect(await ports.streams.find('neighbours', 'new')).not.toBeNull();
    expect(await ports.sessions.listExpired(nowMs + 100, 10)).toMatchObject([{ id: 'new' }]);
  });

  it('of records: requests a week after their end, answers when they expire', async () => {
    await enqueue('1');
    const [claimed] = await ports.queue.claim(['ingest'], 1000, 1);
    if (claimed !== undefined) await ports.queue.complete(claimed.lease, null);
    await enqueue('2');
    await ports.idempotency.begin({ key: 'k', fingerprint: 'f', expiresAtMs: nowMs + 24 * HOUR_MS });
    nowMs += 7 * 24 * HOUR_MS;
    await sweepRecords(ports);
    expect(await ports.queue.find('1')).not.toBeNull();
    nowMs += 1;
    await sweepRecords(ports);
    expect(await ports.queue.find('1')).toBeNull();
    expect(await ports.queue.find('2')).not.toBeNull();
  });

  it('of keys and links: once they have expired', async () => {
    for (const [id, expiresAtMs] of [
      ['old', nowMs + 1],
      ['new', undefined],
    ] as const) {
      const common = { id, createdAtMs: nowMs, expiresAtMs };
      await ports.apiKeys.create({ ...common, userId: 'u', name: id, keyHash: id, scopes: ['play'] });
      await ports.links.create({ ...common, kind: 'file', tenantId: 'default', name: 'a', createdBy: 'u' });
    }
    nowMs += 1;
    await sweepCredentials(ports);
    // Nothing is left of them, not even for a clock that is set back.
    nowMs -= 1;
    expect(await ports.apiKeys.findByHash('old')).toBeNull();
    expect(await ports.links.find('old')).toBeNull();
    expect(await ports.apiKeys.findByHash('new')).not.toBeNull();
    expect(await ports.links.find('new')).not.toBeNull();
  });

  it('of connections: what nobody holds any more, of every tenant, with what it was subscribed to', async () => {
    await ports.users.create(newUser('anna', { tenantId: 'neighbours' }));
    const connect = async (connectionId: string, tenantId: string) => {
      await ports.connections.save(connection(connectionId, { tenantId, lastPingMs: nowMs }));
      await ports.subscriptions.subscribe(subscription(connectionId, 'r1', { createdAtMs: nowMs }));
    };
    const left = async () => {
      const { items } = await ports.subscriptions.listByRequest('r1', { limit: 100 });
      return [...(await ports.connections.findMany(['1', '2', '3'])), ...items].map(
        (each) => each.connectionId,
      );
    };
    await connect('1', 'default');
    await connect('2', 'neighbours');
    await connect('3', 'neighbours');
    // Of a connection that a crash has deleted without it.
    await ports.subscriptions.subscribe(subscription('4', 'r1', { createdAtMs: nowMs }));
    nowMs += HOUR_MS;
    await sweepConnections(ports);
    expect(await left()).toEqual(['1', '2', '3', '1', '2', '3', '4']);
    nowMs += 1;
    await ports.connections.updateLastPing('3', nowMs);
    await sweepConnections(ports);
    expect(await left()).toEqual(['3', '3', '4']);
    nowMs += 23 * HOUR_MS;
    await sweepConnections(ports);
    nowMs -= 23 * HOUR_MS;
    expect(await left()).toEqual([]);
  });

  it('of results kept as objects: a day after their requests have gone, however many there are', async () => {
    for (let number = 0; number < 250; number += 1)
      await ports.objects.write(`results/r${number}-1.json`, bytes);
    nowMs += 8 * 24 * HOUR_MS;
    await ports.objects.write('results/new-1.json', bytes);
    await sweepExpiringObjects(ports);
    expect(await keys()).toHaveLength(251);
    nowMs += 1;
    await sweepExpiringObjects(ports);
    expect(await keys()).toEqual(['results/new-1.json']);
  });

  it('of pieces for Amazon Transcribe: what a killed server, or a job that nobody waited for, has left for a day', async () => {
    for (const key of ['transcribe/left.mp3', 'transcribe/left.json']) await ports.objects.write(key, bytes);
    nowMs += 24 * HOUR_MS + 1;
    await ports.objects.write('transcribe/new.mp3', bytes);
    await sweepExpiringObjects(ports);
    expect(await keys()).toEqual(['transcribe/new.mp3']);
  });

  it('of uploads: those of requests that have ended, and what is a day old and awaited by nobody', async () => {
    await ports.objects.write('uploads/open', bytes);
    await ports.objects.write('uploads/ended', bytes);
    for (let number = 0; number < 250; number += 1)
      await ports.objects.write(`uploads/lost-${number}`, bytes);
    await ports.objects.write('originals/x.wav', bytes);
    await enqueue('ended');
    const [claimed] = await ports.queue.claim(['ingest'], 1000, 1);
    if (claimed !== undefined) await ports.queue.complete(claimed.lease, null);
    await enqueue('open');
    nowMs += 24 * HOUR_MS;
    await ports.objects.write('uploads/new', bytes);
    await sweepUploads(ports);
    // That of a request that has come to its end needs no day.
    expect(await keys()).toHaveLength(253);
    expect(await keys()).not.toContain('uploads/ended');
    nowMs += 1;
    await sweepUploads(ports);
    expect(await keys()).toEqual(['originals/x.wav', 'uploads/new', 'uploads/open']);
  });

  it('run beside each other until they are stopped, and one failure stops no other', async () => {
    const failed: string[] = [];
    const log = { ...ports.log, error: (_fields: unknown, message: string) => void failed.push(message) };
    const retired = { ...ports.retired, listDue: () => Promise.reject(new Error('no database')) };
    await ports.objects.write('uploads/lost', bytes);
    nowMs += 25 * HOUR_MS;
    const sweeps = startSweeps({ ...ports, log, retired }, { intervalMs: 60_000 });
    await sweeps.stop();
    expect(await keys()).toEqual([]);
    expect(failed.length).toBeLessThanOrEqual(1);
  });

  it('have one round each where nothing runs in between, and fail together in the end', async () => {
    const failed: string[] = [];
    const log = { ...ports.log, error: (_fields: unknown, message: string) => void failed.push(message) };
    const retired = { ...ports.retired, listDue: () => Promise.reject(new Error('no database')) };
    await ports.objects.write('uploads/lost', bytes);
    await ports.objects.write('debug/old', bytes);
    nowMs += 30 * 24 * HOUR_MS;
    const { signal } = new AbortController();
    const more = [{ name: 'asking', run: () => Promise.reject(new Error('nobody there')) }];
    const round = sweepOnce({ ...ports, log, retired }, { withRare: false, signal }, more);
    await expect(round).rejects.toMatchObject({
      message: '2 of 8 sweeps failed.',
      errors: [{ message: 'nobody there' }, { message: 'no database' }],
    });
    expect(failed).toHaveLength(2);
    expect(await keys()).toEqual(['debug/old']);
    await sweepOnce(ports, { withRare: true, signal });
    expect(await keys()).toEqual([]);
  });

  it('begin no further one when the time is over', async () => {
    await ports.objects.write('uploads/lost', bytes);
    nowMs += 25 * HOUR_MS;
    await sweepOnce(ports, { withRare: true, signal: AbortSignal.abort() });
    expect(await keys()).toEqual(['uploads/lost']);
  });
});
