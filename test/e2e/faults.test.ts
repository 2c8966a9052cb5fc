import { appendFile, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, download, upload } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const STREAM = '/api/streams/s/stream.mp3';
/** Of the first file, before the one that is broken: more than sockets hold of a body that nobody reads. */
const TURNS = 12;
/** More than the cache holds: to read one file to its end is to forget the other. */
const SECONDS = 80;

type Break = (path: string) => Promise<void>;

/** What becomes of the part of `broken.mp3`. */
const FAULTS: readonly (readonly [what: string, breakIt: Break])[] = [
  ['deleted', (path) => rm(path)],
  ['truncated', (path) => truncate(path, 100_000)],
  ['emptied', (path) => truncate(path, 0)],
  ['a directory now', (path) => rm(path).then(() => mkdir(path))],
  [
    'a link to another file',
    (path) => rename(path, `${path}.away`).then(() => symlink(`${path}.away`, path)),
  ],
];

/** Its bytes are all there: only a look tells that it is not as it was. */
const grow: Break = (path) => appendFile(path, Buffer.alloc(417));

describe('a part that is broken under the running server', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let whole: Uint8Array;
  let path: string;
  let kept: Buffer;
  /** Where the bytes of the broken part begin in the stream. */
  let brokenStart: number;

  beforeAll(async () => {
    data = await makeDataDirectory();
    // A cache that holds next to nothing, so that what is sent was read.
    program = await startProgram(data.path, { AUTH: 'off', CACHE_MB: '1' });
    for (const [name, frequencyHz] of [
      ['whole.wav', 300],
      ['broken.wav', 700],
    ] as const) {
      const wav = makeToneWav({ seconds: SECONDS, amplitude: 0.3, sampleRateHz: 8000, frequencyHz });
      expect((await upload(program.url, name, new Uint8Array(wav))).status).toBe(201);
    }
    const files = [...Array.from({ length: TURNS }, () => 'whole.mp3'), 'broken.mp3'];
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
    whole = (await download(program.url + STREAM)).bytes;
    const plan = (await call(program.url, '/api/streams/s/plan')).body['tracks'] as { start_byte: number }[];
    brokenStart = plan.at(-1)?.start_byte ?? NaN;
    path = join(data.path, 'audio_files', partKey());
    kept = await readFile(path);
  }, 120_000);

  afterEach(mend);

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  function partKey(): string {
    const db = new DatabaseSync(join(data.path, 'earshot.db'), { readOnly: true });
    const row = db.prepare(`SELECT playable_key FROM audio_files WHERE filename = 'broken.mp3'`).get();
    db.close();
    return String(row?.['playable_key']);
  }

  async function mend(): Promise<void> {
    await rm(`${path}.away`, { force: true });
    await rm(path, { recursive: true, force: true });
    await writeFile(path, kept, { mode: 0o444 });
  }

  /** Makes the server look for all parts, and read none but the first. */
  async function seeAll(): Promise<void> {
    const { response } = await download(program.url + STREAM, { range: `bytes=0-${SECONDS * 16_000}` });
    expect(response.status).toBe(206);
  }

  async function expectNamed(route: string, headers: Record<string, string> = {}): Promise<void> {
    const answer = await call(program.url, route, { headers });
    expect([answer.status, answer.body['code'], answer.body['details']]).toEqual([
      409,
      'missing_part',
      { missing: ['broken.mp3'] },
    ]);
  }

  /** Nothing of it stays: health, and the right bytes as soon as the part is there again. */
  async function expectMended(): Promise<void> {
    await mend();
    expect((await call(program.url, '/health')).status).toBe(200);
    expect((await call(program.url, '/ready')).status).toBe(200);
    const { response, bytes } = await download(program.url + STREAM);
    expect(response.status).toBe(200);
    expect(Buffer.compare(bytes, whole)).toBe(0);
  }

  it.each([...FAULTS, ['longer', grow] as const])(
    'before anybody asks, %s: is named before the first byte',
    async (_what, breakIt) => {
      await download(program.url + STREAM, { range: `bytes=${brokenStart}-` });
      await breakIt(path);
      await expectNamed('/api/audio/broken.mp3');
      await expectMended();
    },
  );

  it.each(FAULTS)(
    'just after it was seen, %s: is named before the first byte of it',
    async (_what, breakIt) => {
      await seeAll();
      await breakIt(path);
      await expectNamed(STREAM, { range: `bytes=${brokenStart}-` });
      // From then on it is known, wherever one begins.
      await expectNamed(STREAM);
      const { response, bytes } = await download(`${program.url}${STREAM}?skip_missing=1`);
      expect(response.status).toBe(200);
      expect(bytes.length).toBeLessThan(whole.length);
      await expectMended();
    },
  );

  it.each(FAULTS)(
    'while it is on its way, %s: what came is right, and the rest is cut',
    async (_what, breakIt) => {
      await seeAll();
      const answer = await begin();
      await breakIt(path);
      const { received, isWhole } = await readOut(answer);
      expect(Buffer.compare(received, whole.subarray(0, received.length))).toBe(0);
      expect(isWhole).toBe(false);
      expect(received.length).toBeGreaterThan(0);
      expect(received.length).toBeLessThanOrEqual(brokenStart + 100_000);
      await expectNamed(STREAM);
      await expectMended();
    },
  );

  it('while it is on its way, longer: all that was promised comes, and is right', async () => {
    await seeAll();
    const answer = await begin();
    await grow(path);
    const { received, isWhole } = await readOut(answer);
    expect([isWhole, Buffer.compare(received, whole)]).toEqual([true, 0]);
    await expectMended();
  });

  it('overwritten with as many other bytes: plays them, within its own place', async () => {
    await writeFile(path, Buffer.alloc(kept.length, 0x55), { mode: 0o644 });
    const { response, bytes } = await download(program.url + STREAM);
    expect([response.status, bytes.length]).toEqual([200, whole.length]);
    // A part is immutable by agreement: to see that it was changed, all of it would have to be read each time.
    expect(Buffer.compare(bytes.subarray(0, brokenStart), whole.subarray(0, brokenStart))).toBe(0);
    await download(program.url + STREAM, { range: `bytes=0-${SECONDS * 16_000}` });
    await expectMended();
  });

  /** Takes the head, and no more until somebody reads. */
  async function begin(): Promise<IncomingMessage> {
    const [answer] = (await once(get(program.url + STREAM, { agent: false }), 'response')) as [
      IncomingMessage,
    ];
    expect(answer.statusCode).toBe(200);
    expect(Number(answer.headers['content-length'])).toBe(whole.length);
    return answer.pause();
  }

  async function readOut(answer: IncomingMessage): Promise<{ received: Buffer; isWhole: boolean }> {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    answer.resume();
    if (!answer.closed) await new Promise<void>((closed) => answer.once('close', () => closed()));
    return { received: Buffer.concat(chunks), isWhole: answer.complete };
  }
});
