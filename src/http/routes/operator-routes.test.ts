import { afterEach, describe, expect, it } from 'vitest';
import { addTrack } from '../../../test/stream-library.ts';
import { openTestApp, type TestApp } from '../../../test/test-app.ts';
import type { StreamArchive } from '../../domain/archive.ts';
import type { PortableRecords } from '../../domain/portable-record.ts';
import type { DiagnosisCheck } from '../../services/diagnosis.ts';
import type { BackupTools } from '../../services/download-backup.ts';

let test: TestApp;
afterEach(() => test.app.close());

const ask = (token?: string) =>
  test.request('GET', '/api/admin/diagnosis', token === undefined ? {} : { token });

describe('the diagnosis', () => {
  it('is told to the operator alone', async () => {
    const checks: readonly DiagnosisCheck[] = [
      { name: 'ffmpeg', status: 'ok', detail: 'ffmpeg 7.1 at /usr/bin/ffmpeg' },
      { name: 'space', status: 'warning', detail: '0.4 GB free where the data lives' },
    ];
    let looks = 0;
    const diagnose = async () => {
      looks += 1;
      return checks;
    };
    test = await openTestApp({}, { diagnose });
    const user = await test.addUser('ann');
    const neighbour = await test.addUser('bob', { isAdmin: true, tenantId: 'others' });
    const refused = [await ask(), await ask(user.token), await ask(neighbour.token)];
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 403, 403]);
    expect(looks).toBe(0);
    const root = await test.addUser('root', { isAdmin: true });
    const answer = await ask(root.token);
    expect(answer.json()).toEqual({
      version: '1.2.3',
      node: process.versions.node,
      status: 'warning',
      checks,
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is looked for once for all who ask at the same time, and anew for who comes later', async () => {
    let looks = 0;
    const { promise: awaited, resolve: tell } = Promise.withResolvers<void>();
    const diagnose = async () => {
      looks += 1;
      await awaited;
      if (looks === 1) throw new Error('a look that fails is not kept');
      return [];
    };
    test = await openTestApp({}, { diagnose });
    const { token } = await test.addUser('root', { isAdmin: true });
    const both = Promise.all([ask(token), ask(token)]);
    await expect.poll(() => looks).toBe(1);
    tell();
    expect((await both).map(({ statusCode }) => statusCode)).toEqual([500, 500]);
    expect((await ask(token)).json()).toMatchObject({ status: 'ok', checks: [] });
    expect(looks).toBe(2);
  });

  it('is what /ready asks where nothing better looks', async () => {
    test = await openTestApp(
      {},
      {
        checks: {
          ffmpeg: async () => ({ status: 'ok', kind: 'native', version: '7.1' }),
          queue: () => Promise.reject(new Error('secret of a vendor')),
        },
      },
    );
    const { token } = await test.addUser('root', { isAdmin: true });
    const answer = await ask(token);
    const { status, checks } = answer.json<{ status: string; checks: DiagnosisCheck[] }>();
    expect(status).toBe('failed');
    expect(checks).toEqual(
      expect.arrayContaining([
        { name: 'ffmpeg', status: 'ok', detail: 'ok, kind native, version 7.1' },
        { name: 'queue', status: 'failed', detail: 'down' },
        { name: 'streams', status: 'ok', detail: 'ok, kind memory, persistent false' },
      ]),
    );
    expect(answer.body).not.toContain('vendor');
  });
});

describe('the backup', () => {
  let openRecords = 0;
  const records: Pick<PortableRecords, 'readAll'> = {
    async *readAll() {
      yield [{ kind: 'setting', value: { key: 'signing_secret', value: 'c2VjcmV0' } }];
    },
  };
  const never = () => Promise.reject(new Error('nothing is written here'));
  /** One line for each entry, and no more. */
  const listing: StreamArchive = async function* (fill) {
    const lines: string[] = [];
    await fill({
      add: async (name, sizeBytes, body) => {
        let bytes = 0;
        for await (const chunk of body) bytes += chunk.length;
        lines.push(`${name} ${sizeBytes} ${bytes}\n`);
      },
      finish: async () => undefined,
    });
    for (const line of lines) yield Buffer.from(line);
  };
  const tools = (overrides: Partial<BackupTools> = {}): BackupTools => ({
    openRecords: async () => {
      openRecords += 1;
      return { records: { ...records, compare: never, save: never }, close: () => void (openRecords -= 1) };
    },
    archive: listing,
    program: '1.2.3',
    ...overrides,
  });
  const download = (token?: string) =>
    test.request('GET', '/api/admin/backup', token === undefined ? {} : { token });

  it('is for the operator alone, and has all records, streams and objects', async () => {
    test = await openTestApp({ clock: () => Date.UTC(2026, 10, 22, 3, 50) }, { backup: tools() });
    const track = await addTrack(test.ports, 'a.mp3', 20);
    const user = await test.addUser('ann');
    const neighbour = await test.addUser('bob', { isAdmin: true, tenantId: 'others' });
    const root = await test.addUser('root', { isAdmin: true });
    const body = { files: ['a.mp3'] };
    await test.request('PUT', '/api/streams/s/queue', { token: root.token, body });
    const refused = [await download(), await download(user.token), await download(neighbour.token)];
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 403, 403]);
    const answer = await download(root.token);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-tar',
      'content-disposition': 'attachment; filename="earshot-2026-11-22T03-50-00Z.tar"',
      'cache-control': 'no-store',
    });
    const { sizeBytes = 0, key } = track.file.part ?? {};
    for (const entry of [
      'manifest.json ',
      'records/setting-000001.ndjson ',
      'records/stream-000001.ndjson ',
      `objects/${key} ${sizeBytes} ${sizeBytes}\n`,
      'hashes/000001.ndjson ',
      'end.json ',
    ]) {
      expect(answer.body).toContain(entry);
    }
    expect(openRecords).toBe(0);
  });

  it('is one at a time, and none is left behind by one that failed', async () => {
    const { promise: awaited, resolve: goOn } = Promise.withResolvers<void>();
    let downloads = 0;
    const archive: StreamArchive = async function* (fill) {
      downloads += 1;
      if (downloads === 1) await awaited;
      if (downloads === 2) throw new Error('of the first chunk');
      yield* listing(fill);
    };
    test = await openTestApp({}, { backup: tools({ archive }) });
    const { token } = await test.addUser('root', { isAdmin: true });
    const first = download(token);
    await expect.poll(() => downloads).toBe(1);
    const second = await download(token);
    expect(second.json()).toMatchObject({ code: 'conflict' });
    expect(second.headers).not.toHaveProperty('content-disposition');
    goOn();
    expect((await first).statusCode).toBe(200);
    expect((await download(token)).statusCode).toBe(500);
    expect((await download(token)).statusCode).toBe(200);
    expect(openRecords).toBe(0);
  });

  it('is not to be had of a function, which says what makes one', async () => {
    test = await openTestApp();
    const { token } = await test.addUser('root', { isAdmin: true });
    const answer = await download(token);
    expect(answer.json()).toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining('npx earshot backup') as string,
    });
    expect((await download()).statusCode).toBe(401);
  });
});
