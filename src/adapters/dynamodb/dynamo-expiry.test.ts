import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeTestTable } from '../../../test/servers/dynamodb-client.ts';
import { START_MS } from '../../../test/sample-records.ts';
import type { ApiKey, PlaybackLink, Session } from '../../domain/credentials.ts';
import { openDynamoApiKeyStore } from './dynamo-api-key-store.ts';
import { openDynamoIdempotencyStore } from './dynamo-idempotency-store.ts';
import { openDynamoPlaybackLinkStore } from './dynamo-playback-link-store.ts';
import { openDynamoSessionStore } from './dynamo-session-store.ts';
import { openDynamoSettingStore } from './dynamo-setting-store.ts';
import type { DynamoTable } from './dynamo-table.ts';

const ROUNDS = 30;
const DAY_S = 24 * 3600;
const EXPIRES_AT_MS = START_MS + 1500;
const EXPIRES_AT_S = Math.ceil(EXPIRES_AT_MS / 1000);

let nowMs = START_MS;
const clock = () => nowMs;
let table: DynamoTable;
let close: () => Promise<void>;
beforeAll(async () => ({ table, close } = await makeTestTable()));
afterAll(() => close());
beforeEach(() => {
  nowMs = START_MS;
});

const session = (id: string): Session => ({
  id,
  tokenHash: `hash-${id}`,
  userId: 'anna',
  createdAtMs: START_MS,
  expiresAtMs: EXPIRES_AT_MS,
});
const apiKey = (id: string): ApiKey => ({
  id,
  userId: 'anna',
  name: id,
  keyHash: `hash-${id}`,
  scopes: ['play'],
  createdAtMs: START_MS,
  expiresAtMs: EXPIRES_AT_MS,
});
const link = (id: string): PlaybackLink => ({
  id,
  kind: 'stream',
  tenantId: 'default',
  name: 'story',
  createdBy: 'anna',
  createdAtMs: START_MS,
  expiresAtMs: EXPIRES_AT_MS,
});

async function timesOf(partition: string): Promise<unknown[]> {
  const times: unknown[] = [];
  for await (const item of table.queryAll({ partition, consistent: true })) times.push(item['expires_at']);
  return times;
}

describe.skipIf(dynamoDbKind === 'dynalite')('credentials in DynamoDB', () => {
  const sessions = () => openDynamoSessionStore(table, clock);
  const apiKeys = () => openDynamoApiKeyStore(table, clock);
  const links = () => openDynamoPlaybackLinkStore(table, clock);

  it('say in whole seconds when they may be deleted, never before they have expired', async () => {
    await apiKeys().create(apiKey('ttl'));
    await links().create(link('ttl'));
    for (const partition of ['APIKEY#hash-ttl', 'LINK#ttl', 'LINKS#stream#story']) {
      expect(await timesOf(partition)).toEqual([EXPIRES_AT_S]);
    }
    await sessions().create(session('ttl'));
    // The sweep is first: what goes with a session goes before it.
    for (const partition of ['SESSION#hash-ttl', 'SESSIONID#ttl', 'SESSIONS#anna']) {
      expect(await timesOf(partition)).toEqual([EXPIRES_AT_S + DAY_S]);
    }
    await apiKeys().create({ ...apiKey('forever'), userId: 'ben', expiresAtMs: undefined });
    expect(await timesOf('APIKEY#hash-forever')).toEqual([undefined]);
    await apiKeys().deleteByUser('anna');
    await links().deleteByTarget(link('ttl'));
    await sessions().delete('ttl');
  });

  it('are gone once they have expired, though they are there', async () => {
    await sessions().create(session('1'));
    await apiKeys().create(apiKey('1'));
    await links().create(link('1'));
    const found = async () => [
      await sessions().findByTokenHash('hash-1'),
      await apiKeys().findByHash('hash-1'),
      await links().find('1'),
      ...(await apiKeys().listByUser('anna', { limit: 10 })).items,
      ...(await links().listByTarget(link('1'), { limit: 10 })).items,
    ];
    nowMs = EXPIRES_AT_MS - 1;
    expect(await found()).toEqual([session('1'), apiKey('1'), link('1'), apiKey('1'), link('1')]);
    nowMs = EXPIRES_AT_MS;
    expect(await found()).toEqual([null, null, null]);
    expect(await timesOf('SESSION#hash-1')).toHaveLength(1);
    expect(await sessions().listExpired(nowMs, 10)).toEqual([session('1')]);
    await sessions().delete('1');
    expect(await apiKeys().deleteExpired(nowMs, 10)).toBe(1);
    expect(await links().deleteExpired(nowMs, 10)).toBe(1);
    const partitions = ['SESSION#hash-1', 'SESSIONID#1', 'SESSIONS#anna', 'APIKEY#hash-1', 'APIKEYS#anna'];
    for (const partition of [...partitions, 'LINK#1', 'LINKS#stream#story']) {
      expect(await timesOf(partition)).toEqual([]);
    }
  });

  it('are each made by one of two creators, every time', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const tokens = [session(`a${round}`), { ...session(`b${round}`), tokenHash: `hash-a${round}` }];
      const hashes = [apiKey(`a${round}`), { ...apiKey(`b${round}`), keyHash: `hash-a${round}` }];
      const ids = [link(`a${round}`), { ...link(`a${round}`), name: 'other' }];
      const races = [
        tokens.map((each) => sessions().create(each)),
        hashes.map((each) => apiKeys().create(each)),
        ids.map((each) => links().create(each)),
      ];
      for (const outcomes of await Promise.all(races.map((race) => Promise.allSettled(race)))) {
        const codes = outcomes.map((outcome) =>
          outcome.status === 'fulfilled' ? 'done' : (outcome.reason as { code: string }).code,
        );
        expect(codes.sort()).toEqual(['already_exists', 'done']);
      }
      // Nothing of the loser is left to be found.
      expect(await timesOf('SESSIONS#anna')).toHaveLength(round + 1);
      expect(await timesOf('APIKEYS#anna')).toHaveLength(round + 1);
    }
  });
});

describe('records in DynamoDB', () => {
  it('are begun by one of two, every time', async () => {
    const store = openDynamoIdempotencyStore(table, clock);
    for (let round = 0; round < ROUNDS; round += 1) {
      const begin = (fingerprint: string, expiresAtMs: number) =>
        store.begin({ key: `race-${round}`, fingerprint, expiresAtMs });
      nowMs = START_MS;
      const first = await Promise.all(['a', 'b'].map((print) => begin(print, EXPIRES_AT_MS)));
      expect(first.filter((there) => there === null)).toHaveLength(1);
      // Nor do two take over what has expired.
      nowMs = EXPIRES_AT_MS;
      const second = await Promise.all(['c', 'd'].map((print) => begin(print, EXPIRES_AT_MS + 1)));
      expect(second.filter((there) => there === null)).toHaveLength(1);
      expect(second.find((there) => there !== null)?.fingerprint).toMatch(/[cd]/);
    }
  });

  it('hold an answer that is longer than an item', async () => {
    const store = openDynamoIdempotencyStore(table, clock);
    const record = { key: 'long', fingerprint: 'f', expiresAtMs: EXPIRES_AT_MS };
    await store.begin(record);
    const body = JSON.stringify(Array.from({ length: 30_000 }, (_, number) => `file-${number} ü.mp3`));
    expect(body.length).toBeGreaterThan(450_000);
    const response = { status: 200, headers: { etag: '"1"' }, body };
    await store.finish('long', response, EXPIRES_AT_MS);
    expect(await store.begin(record)).toEqual({ ...record, response });
  });

  it('have one value for all who ensure it', async () => {
    const store = openDynamoSettingStore(table);
    for (let round = 0; round < ROUNDS; round += 1) {
      const wanted = ['a', 'b'].map(() => randomBytes(8).toString('hex'));
      const values = await Promise.all(wanted.map((value) => store.ensure(`race-${round}`, value)));
      expect(new Set(values).size).toBe(1);
      expect(await store.find(`race-${round}`)).toBe(values[0]);
    }
  });
});
