import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audioFile } from '../../../test/sample-records.ts';
import { makeReady, openLibraryApp, type LibraryApp } from '../../../test/library-app.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { createPlaybackLink } from '../../services/playback-links.ts';

let test: LibraryApp;
let ada: { id: string; token: string };

beforeEach(async () => {
  test = await openLibraryApp({}, { publicUrl: 'https://audio.example' });
  ada = await test.addUser('ada');
});
afterEach(() => test.close());

async function add(filename: string, fields: Partial<AudioFile> = {}): Promise<AudioFile> {
  const record = audioFile(filename, {
    title: filename,
    createdBy: ada.id,
    createdAtMs: 1_795_000_000_000,
    updatedAtMs: 1_795_000_000_000,
  });
  const ready = await makeReady(test.ports, record, Buffer.from(`AUDIO of ${fields.title ?? filename}`));
  return test.ports.audioFiles.create({ ...ready, ...fields });
}

const get = async (url: string, token = ada.token) => {
  const answer = await test.request('GET', url, { token });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<Record<string, unknown>>() };
};

const names = (body: Record<string, unknown>) =>
  (body['files'] as { filename: string }[]).map((file) => file.filename);

describe('the list', () => {
  beforeEach(async () => {
    await add('b.mp3', { durationMs: 3000, createdAtMs: 1 });
    await add('a.mp3', { durationMs: 1000, createdAtMs: 3 });
    await add('c.mp3', { durationMs: 2000, createdAtMs: 2, state: 'failed', error: 'No room.' });
  });

  it.each([
    ['', ['a.mp3', 'b.mp3', 'c.mp3']],
    ['?sort=name', ['a.mp3', 'b.mp3', 'c.mp3']],
    ['?sort=created', ['a.mp3', 'c.mp3', 'b.mp3']],
    ['?sort=duration', ['b.mp3', 'c.mp3', 'a.mp3']],
    ['?status=failed', ['c.mp3']],
    ['?status=ready&sort=duration', ['b.mp3', 'a.mp3']],
    ['?status=processing', []],
  ])('%s', async (query, expected) => {
    const { status, body } = await get(`/api/audio/list${query}`);
    expect([status, names(body), body['count']]).toEqual([200, expected, expected.length]);
    expect(body).not.toHaveProperty('next_cursor');
  });

  it('pages, with a cursor that is good for this list only', async () => {
    const first = await get('/api/audio/list?limit=2&sort=duration');
    const cursor = encodeURIComponent(String(first.body['next_cursor']));
    const second = await get(`/api/audio/list?limit=2&sort=duration&cursor=${cursor}`);
    expect([...names(first.body), ...names(second.body)]).toEqual(['b.mp3', 'c.mp3', 'a.mp3']);
    expect(second.body).not.toHaveProperty('next_cursor');
    for (const query of ['sort=name', 'sort=duration&status=ready']) {
      expect((await get(`/api/audio/list?${query}&cursor=${cursor}`)).status).toBe(400);
    }
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'sort=size', 'status=gone', 'cursor=forged'])(
    'refuses %s',
    async (query) => {
      const { status, body } = await get(`/api/audio/list?${query}`);
      expect([status, body['code']]).toEqual([400, 'invalid_input']);
    },
  );

  it('shows each file as it is', async () => {
    const { body } = await get('/api/audio/list?status=failed');
    expect((body['files'] as unknown[])[0]).toMatchObject({
      state: 'failed',
      error: 'No room.',
      url: 'https://audio.example/api/audio/c.mp3',
    });
  });

  it('shows nothing of another tenant', async () => {
    const eve = await test.addUser('eve', { tenantId: 'other' });
    expect((await get('/api/audio/list', eve.token)).body['count']).toBe(0);
    expect((await get('/api/audio/a.mp3/info', eve.token)).status).toBe(404);
  });

  it('asks for a login', async () => {
    expect((await test.request('GET', '/api/audio/list')).statusCode).toBe(401);
  });
});

describe('the search', () => {
  it.each(['query', 'q'])('finds by ?%s=', async (parameter) => {
    await add('tale.mp3', { title: 'The hare and the hedgehog' });
    await add('other.mp3');
    const { status, body } = await get(`/api/audio/search?${parameter}=hedge%20har`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      query: 'hedge har',
      count: 1,
      results: [
        { filename: 'tale.mp3', matches: [{ field: 'title', snippet: 'The **hare** and the **hedgehog**' }] },
      ],
    });
  });

  it.each(['', '?query=', '?q=%20', '?query=x&limit=0'])('refuses %j', async (query) => {
    expect((await get(`/api/audio/search${query}`)).status).toBe(400);
  });

  it('finds nothing for marks alone', async () => {
    expect((await get('/api/audio/search?q=%2A')).body).toEqual({ query: '*', results: [], count: 0 });
  });
});

describe('the record', () => {
  it('is told whole', async () => {
    const file = await add('märz.mp3', { title: 'März', tags: ['x'], loudnessLufs: -16.1 });
    const { body, headers } = await get(`/api/audio/${encodeURIComponent('märz.mp3')}/info`);
    expect(headers['etag']).toBe('"1"');
    expect(body).toEqual({
      filename: 'märz.mp3',
      original_filename: 'märz.mp3',
      title: 'März',
      description: '',
      tags: ['x'],
      size: file.part?.sizeBytes,
      duration: 2.612,
      url: `https://audio.example/api/audio/${encodeURIComponent('märz.mp3')}`,
      has_cover: false,
      chapters: [],
      state: 'ready',
      format: { codec: 'pcm_s16le', sample_rate_hz: 44_100, channels: 2, bitrate_kbps: 1411 },
      loudness_lufs: -16.1,
      sha256: file.part?.sha256,
      original_size: file.originalSizeBytes,
      original_sha256: file.originalSha256,
      created_by: ada.id,
      transcript: { status: 'disabled', has_transcript: false },
      created_at: '2026-11-18T11:06:40.000Z',
      updated_at: '2026-11-18T11:06:40.000Z',
    });
  });

  it.each([
    ['nobody.mp3', 404],
    ['nobody.wav', 400],
    ['..%2F..%2Fearshot.db', 400],
    ['%00.mp3', 400],
    [`${'x'.repeat(300)}.mp3`, 400],
  ])('%s is not there', async (name, status) => {
    expect((await get(`/api/audio/${name}/info`)).status).toBe(status);
  });
});

describe('an edit', () => {
  const edit = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
    test.request('PATCH', '/api/audio/a.mp3/info', { token: ada.token, body, headers });

  beforeEach(() => add('a.mp3', { title: 'Old', description: 'kept' }));

  it('changes what it names', async () => {
    const answer = await edit({ title: ' New ', tags: ['b', 'a', 'b'] });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['etag']).toBe('"2"');
    expect(answer.json()).toMatchObject({ title: 'New', description: 'kept', tags: ['b', 'a'] });
    expect((await get('/api/audio/a.mp3/info')).body).toMatchObject({ title: 'New' });
  });

  it('may ask for the revision that it read', async () => {
    expect((await edit({ title: 'x' }, { 'if-match': '"1"' })).statusCode).toBe(200);
    const late = await edit({ title: 'y' }, { 'if-match': '"1"' });
    expect([late.statusCode, late.json<Record<string, unknown>>()['code']]).toEqual([
      412,
      'precondition_failed',
    ]);
    expect((await edit({ title: 'y' }, { 'if-match': '*' })).statusCode).toBe(200);
  });

  it('of many at once loses none', async () => {
    const answers = await Promise.all(
      [{ title: 'x' }, { description: 'y' }, { tags: ['z'] }].map((body) => edit(body)),
    );
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200]);
    expect((await get('/api/audio/a.mp3/info')).body).toMatchObject({
      title: 'x',
      description: 'y',
      tags: ['z'],
    });
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, 'body'],
    [{ title: 7 }, 'title'],
    [{ title: 'x'.repeat(201) }, 'title'],
    [{ description: 'x'.repeat(5001) }, 'description'],
    [{ tags: 'a' }, 'tags'],
    [{ tags: ['ok', ''] }, 'tags[1]'],
    [{ filename: 'b.mp3' }, 'filename'],
  ])('refuses %j', async (body, field) => {
    const answer = await edit(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ errors: { field: string }[] }>().errors[0]?.field).toBe(field);
  });

  it('needs the scope to write', async () => {
    expect((await test.request('PATCH', '/api/audio/a.mp3/info', { body: { title: 'x' } })).statusCode).toBe(
      401,
    );
  });
});

describe('a deletion', () => {
  const remove = (query = '', token = ada.token) =>
    test.request('DELETE', `/api/audio/a.mp3${query}`, { token });

  it('takes record, links, positions and original along, and retires what plays', async () => {
    const file = await add('a.mp3');
    const caller = {
      userId: ada.id,
      username: 'ada',
      tenantId: 'default',
      isAdmin: false,
      scopes: ['write'],
    } as const;
    const { link } = await createPlaybackLink(test.ports, caller, { kind: 'file', name: 'a.mp3' });
    const target = { tenantId: 'default', userId: ada.id, kind: 'file', name: 'a.mp3' } as const;
    await test.ports.positions.save(target, { positionMs: 1, updatedAtMs: 1 });
    const answer = await remove();
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(await test.ports.audioFiles.find('default', 'a.mp3')).toBeNull();
    expect(await test.ports.links.find(link.id)).toBeNull();
    expect(await test.ports.positions.find(target)).toBeNull();
    expect(await test.ports.objects.find(file.originalKey ?? '')).toBeNull();
    expect(await test.ports.objects.find(file.part?.key ?? '')).not.toBeNull();
    const tomorrow = Date.now() + 24 * 3_600_000;
    expect(await test.ports.retired.listDue(tomorrow - 60_000, 10)).toEqual([]);
    expect((await test.ports.retired.listDue(tomorrow, 10)).map(({ key }) => key)).toEqual([file.part?.key]);
    expect((await remove()).statusCode).toBe(404);
  });

  it('leaves the original that another record names', async () => {
    const file = await add('a.mp3', { title: 'same' });
    await add('b.mp3', { title: 'same' });
    expect((await remove()).statusCode).toBe(204);
    expect(await test.ports.objects.find(file.originalKey ?? '')).not.toBeNull();
  });

  it('of a file in use names the streams, unless forced', async () => {
    await add('a.mp3');
    for (const name of ['one', 'two']) {
      await test.ports.streams.save({
        tenantId: 'default',
        name,
        files: ['a.mp3'],
        playMode: 'sequential',
        persistence: 'permanent',
      });
    }
    const answer = await remove();
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'in_use', details: { streams: ['one', 'two'] } });
    expect((await remove('?force=1')).statusCode).toBe(204);
  });

  it('of another’s file is for administrators', async () => {
    await add('a.mp3', { createdBy: 'somebody' });
    expect((await remove()).statusCode).toBe(403);
    const admin = await test.addUser('root', { isAdmin: true });
    expect((await remove('', admin.token)).statusCode).toBe(204);
  });
});

describe('the document', () => {
  it('tells of every route, with examples', async () => {
    const document = (await test.request('GET', '/openapi.json')).json<{
      paths: Record<string, Record<string, { requestBody?: { content: object }; responses: object }>>;
    }>();
    for (const path of ['upload', 'list', 'search', '{filename}', '{filename}/info', '{filename}/position']) {
      expect(Object.keys(document.paths)).toContain(`/api/audio/${path}`);
    }
    expect(document.paths['/api/audio/upload']?.['post']?.requestBody?.content).toHaveProperty(
      'multipart/form-data',
    );
    expect(Object.keys(document.paths['/api/audio/{filename}']?.['get']?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '206', '304', '400', '401', '404', '409', '412', '416']),
    );
    expect(JSON.stringify(document)).toContain('The hare and the hedgehog');
  });
});
