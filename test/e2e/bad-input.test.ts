import { connect } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, fixture, upload, uploadFixture } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const text = (value: string) => new Uint8Array(new TextEncoder().encode(value));

/** A tag that claims 200 MB in a file of a few bytes. */
const HOSTILE_ID3 = Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0x5f, 0x7f, 0x7f, 0x7f, 1, 2, 3, 4);
/** A WAV whose header claims 4 GB of audio at a rate of nothing. */
const HOSTILE_WAV = (() => {
  const bytes = new Uint8Array(64);
  bytes.set(text('RIFF'), 0);
  bytes.set([0xff, 0xff, 0xff, 0xff], 4);
  bytes.set(text('WAVEfmt '), 8);
  bytes.set([16, 0, 0, 0, 1, 0, 0, 0], 16);
  return bytes;
})();

describe('bad input', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  /** Everything that the program keeps, but the database's own files. */
  const kept = async () =>
    (
      await Promise.all(
        ['audio_files', 'streams', 'tmp'].map((name) => readdir(join(data.path, name), { recursive: true })),
      )
    )
      .flat()
      .sort();

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off', MAX_UPLOAD_MB: '4', MAX_AUDIO_HOURS: '0.5' });
    await uploadFixture(program.url, 'fits.mp3', 'story.mp3');
    await call(program.url, '/api/streams/s/queue', { method: 'POST', json: { files: ['story.mp3'] } });
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  const expectProblem = (answer: Awaited<ReturnType<typeof call>>, status: number, code: string) => {
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      type: expect.any(String) as string,
      title: expect.any(String) as string,
      status,
      instance: expect.any(String) as string,
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/\/tmp|node_modules|\.ts|SQLITE|ENOENT/);
  };

  it.each<
    [
      what: string,
      name: string,
      bytes: () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
      status: number,
      code: string,
    ]
  >([
    ['a name with ..', '../../etc/passwd.mp3', () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a name with a separator', 'a/b.mp3', () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a name with a backslash', 'a\\b.mp3', () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a name with a control character', 'a\u0007b.mp3', () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a name with a leading dot', '.hidden.mp3', () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a name that is too long', `${'x'.repeat(250)}.mp3`, () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a reserved name', 'CON.mp3', () => fixture('tone.ogg'), 400, 'invalid_input'],
    ['a name that is taken', 'story.mp3', () => fixture('tone.ogg'), 409, 'already_exists'],
    ['an empty file', 'empty.mp3', () => new Uint8Array(0), 415, 'unsupported_media'],
    [
      'text that is called audio',
      'text.mp3',
      () => text('This is no audio at all. '.repeat(200)),
      415,
      'unsupported_media',
    ],
    ['a picture', 'picture.mp3', () => fixture('picture.png'), 415, 'unsupported_media'],
    ['a film without sound', 'film.mp4', () => fixture('silent-film.mp4'), 415, 'unsupported_media'],
    ['an ID3 size beyond the file', 'id3.mp3', () => HOSTILE_ID3, 415, 'unsupported_media'],
    ['a WAV header that lies', 'lies.wav', () => HOSTILE_WAV, 415, 'unsupported_media'],
    [
      'a playlist that names a file',
      'list.m3u8',
      () => text('#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n'),
      415,
      'unsupported_media',
    ],
    [
      'a script that joins files',
      'list.ffconcat',
      () => text("ffconcat version 1.0\nfile '/etc/passwd'\n"),
      415,
      'unsupported_media',
    ],
    ['a file over the limit', 'big.wav', () => new Uint8Array(5 * 1024 * 1024), 413, 'too_large'],
  ])('%s', async (_what, name, bytes, status, code) => {
    const before = await kept();
    expectProblem(await upload(program.url, name, await bytes()), status, code);
    await expect.poll(kept).toEqual(before);
    expect((await call(program.url, '/api/audio/list')).body['count']).toBe(1);
  });

  it('hours of silence in a few kilobytes', async () => {
    const before = await kept();
    // Frames of digital silence at 32 kbit/s in MPEG-2: 40 minutes in 4 MB would be too slow to send; FLAC says it in 60 KB.
    const bomb = await fixture('silence-bomb.flac');
    expect(bomb.length).toBeLessThan(200_000);
    expectProblem(await upload(program.url, 'bomb.flac', bomb), 413, 'too_large');
    await expect.poll(kept).toEqual(before);
  });

  it('a truncated file plays as far as it goes', async () => {
    const whole = await fixture('tone.flac');
    const answer = await upload(program.url, 'cut.flac', whole.slice(0, whole.length / 2));
    expect(answer.status).toBe(201);
    expect(Number(answer.body['duration'])).toBeGreaterThan(0.2);
    expect((await call(program.url, '/api/audio/cut.mp3', { method: 'DELETE' })).status).toBeLessThan(300);
  });

  it('a body that ends early', async () => {
    const before = await kept();
    const { hostname, port } = new URL(program.url);
    await new Promise<void>((done, fail) => {
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          'POST /api/audio/upload HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n' +
            '--b\r\ncontent-disposition: form-data; name="file"; filename="half.mp3"\r\n\r\nonly this',
        );
        setTimeout(() => socket.destroy(), 200);
      });
      socket.once('close', () => done());
      socket.once('error', fail);
    });
    await expect.poll(kept).toEqual(before);
    expect((await call(program.url, '/api/audio/half.mp3/info')).status).toBe(404);
  });

  it.each<[what: string, method: string, path: string, json: unknown, status: number, code: string]>([
    [
      'an unknown file in a queue',
      'POST',
      '/api/streams/s/queue',
      { files: ['story.mp3', 'nobody.mp3', 'nowhere.mp3'] },
      404,
      'not_found',
    ],
    ['a bad name in a queue', 'POST', '/api/streams/s/queue', { files: ['../x.mp3'] }, 400, 'invalid_input'],
    ['no files', 'POST', '/api/streams/s/queue', {}, 400, 'invalid_input'],
    ['files that are no list', 'POST', '/api/streams/s/queue', { files: 'story.mp3' }, 400, 'invalid_input'],
    [
      'an unknown play mode',
      'POST',
      '/api/streams/s/queue',
      { files: ['story.mp3'], play_mode: 'backwards' },
      400,
      'invalid_input',
    ],
    [
      'too many entries',
      'PUT',
      '/api/streams/s/queue',
      { files: Array.from({ length: 5001 }, () => 'story.mp3') },
      413,
      'too_large',
    ],
    [
      'a stream name with ..',
      'POST',
      '/api/streams/..%2Fx/queue',
      { files: ['story.mp3'] },
      400,
      'invalid_input',
    ],
    [
      'a reserved stream name',
      'POST',
      '/api/streams/export/queue',
      { files: ['story.mp3'] },
      400,
      'invalid_input',
    ],
    [
      'a stream name that is too long',
      'POST',
      `/api/streams/${'x'.repeat(101)}/queue`,
      { files: ['story.mp3'] },
      400,
      'invalid_input',
    ],
    ['an index out of range', 'DELETE', '/api/streams/s/queue/7', undefined, 400, 'invalid_input'],
    ['a negative index', 'DELETE', '/api/streams/s/queue/-1', undefined, 400, 'invalid_input'],
    [
      'a reorder out of range',
      'PUT',
      '/api/streams/s/queue/reorder',
      { old_index: 0, new_index: 9 },
      400,
      'invalid_input',
    ],
    ['an unknown stream', 'GET', '/api/streams/nobody/queue', undefined, 404, 'not_found'],
    ['an unknown stream’s sound', 'GET', '/api/streams/nobody/stream.mp3', undefined, 404, 'not_found'],
    [
      'an unknown mode in the URL',
      'GET',
      '/api/streams/s/stream.mp3?play_mode=backwards',
      undefined,
      400,
      'invalid_input',
    ],
    [
      'a seed that is no uint32',
      'GET',
      '/api/streams/s/stream.mp3?play_mode=shuffle&seed=4294967296',
      undefined,
      400,
      'invalid_input',
    ],
    ['an unknown file', 'GET', '/api/audio/nobody.mp3', undefined, 404, 'not_found'],
    ['a file with a path', 'GET', '/api/audio/..%2F..%2Fearshot.db', undefined, 400, 'invalid_input'],
    ['a file in use', 'DELETE', '/api/audio/story.mp3', undefined, 409, 'in_use'],
    [
      'a cursor of our own making',
      'GET',
      '/api/audio/list?cursor=eyJhIjoxfQ',
      undefined,
      400,
      'invalid_input',
    ],
    ['a sort there is not', 'GET', '/api/audio/list?sort=colour', undefined, 400, 'invalid_input'],
    ['an empty search', 'GET', '/api/audio/search?q=', undefined, 400, 'invalid_input'],
    ['an unknown route', 'GET', '/api/nothing/here', undefined, 404, 'not_found'],
    ['an unknown request', 'GET', '/api/requests/nothing', undefined, 404, 'not_found'],
  ])('%s', async (_what, method, path, json, status, code) => {
    expectProblem(
      await call(program.url, path, { method, ...(json === undefined ? {} : { json }) }),
      status,
      code,
    );
    expect((await call(program.url, '/api/streams/s/queue')).body).toMatchObject({ files: ['story.mp3'] });
  });

  it('JSON that is none', async () => {
    const answer = await call(program.url, '/api/streams/s/queue', {
      method: 'POST',
      body: '{"files":',
      headers: { 'content-type': 'application/json' },
    });
    expectProblem(answer, 400, 'invalid_input');
  });

  it.each([
    ['bytes=0-1', 206],
    ['bytes=5-', 206],
    ['bytes=-7', 206],
    ['bytes=0-999999999', 206],
    ['bytes=-999999999', 206],
    ['bytes=999999999-', 416],
    ['bytes=-0', 416],
    ['bytes=9-3', 200],
    ['bytes=a-b', 200],
    ['bytes=', 200],
    ['bytes=1-2,4-5', 200],
    [`bytes=${Array.from({ length: 500 }, (_, at) => `${at}-${at}`).join(',')}`, 200],
    ['seconds=0-1', 200],
    ['bytes 0-1', 200],
    ['bytes=99999999999999999999-', 416],
  ])('a range of every odd kind: %s', async (range, status) => {
    for (const path of ['/api/audio/story.mp3', '/api/streams/s/stream.mp3']) {
      const whole = new Uint8Array(await (await fetch(`${program.url}${path}`)).arrayBuffer());
      const response = await fetch(`${program.url}${path}`, { headers: { range } });
      const bytes = new Uint8Array(await response.arrayBuffer());
      expect(response.status).toBe(status);
      if (status === 416) expect(response.headers.get('content-range')).toBe(`bytes */${whole.length}`);
      if (status === 200) expect(bytes).toEqual(whole);
      if (status !== 206) continue;
      const [, first, last, total] =
        /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
      expect(Number(total)).toBe(whole.length);
      expect(bytes).toEqual(whole.slice(Number(first), Number(last) + 1));
    }
  });
});
