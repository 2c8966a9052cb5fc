import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLibraryApp, type LibraryApp } from '../../../test/library-app.ts';
import type { TestUser } from '../../../test/test-app.ts';

interface Begun {
  readonly upload_id: string;
  readonly parts: readonly { readonly number: number; readonly url: string; readonly size: number }[];
  readonly expires_at: string;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const TWO_PARTS = Buffer.concat([Buffer.from('AUDIO'), Buffer.alloc(8 * MIB, 'sound')]);

let test: LibraryApp;
let anna: TestUser;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.now();
  test = await openLibraryApp({ clock: () => nowMs, policy: { maxUploadBytes: 10 * MIB } });
  anna = await test.addUser('anna');
});
afterEach(() => test.close());

const call = (method: 'POST' | 'DELETE', url: string, options: Parameters<LibraryApp['request']>[2] = {}) =>
  test.request(method, url, { token: anna.token, ...options });

async function begin(bytes: Buffer, body: Record<string, unknown> = {}): Promise<Begun> {
  const answer = await call('POST', '/api/audio/uploads', {
    body: { filename: 'voice.caf', size: bytes.length, ...body },
  });
  expect(answer.statusCode).toBe(201);
  return answer.json<Begun>();
}

const put = (url: string, payload: Buffer | string, headers: Record<string, string> = {}) =>
  test.app.inject({ method: 'PUT', url, payload, headers });

async function send(begun: Begun, bytes: Buffer): Promise<void> {
  for (const { number, url, size } of begun.parts.toReversed()) {
    const start = (number - 1) * 8 * MIB;
    expect((await put(url, bytes.subarray(start, start + size))).statusCode).toBe(204);
  }
}

async function sent(text: string, body: Record<string, unknown> = {}): Promise<Begun> {
  const bytes = Buffer.from(text);
  const begun = await begin(bytes, body);
  await send(begun, bytes);
  return begun;
}

const complete = (begun: Begun, options: Parameters<LibraryApp['request']>[2] = {}) =>
  call('POST', `/api/audio/uploads/${begun.upload_id}/complete`, options);
const abort = (begun: Begun, options: Parameters<LibraryApp['request']>[2] = {}) =>
  call('DELETE', `/api/audio/uploads/${begun.upload_id}`, options);

async function expectNothingLeft(files: number): Promise<void> {
  await expect.poll(async () => (await test.ports.objects.list('uploads/', { limit: 10 })).items).toEqual([]);
  expect(await test.ports.directUploads.sweep(Infinity)).toBe(0);
  const page = await test.ports.audioFiles.list('default', { limit: 10, sort: 'name' });
  expect(page.items).toHaveLength(files);
}

describe('a direct upload', () => {
  it('is cut into parts, which are put without credentials, and answers as any other', async () => {
    const begun = await begin(TWO_PARTS, { title: ' Mond ', description: 'd' });
    expect(begun.parts.map(({ number, size }) => [number, size])).toEqual([
      [1, 8 * MIB],
      [2, 5],
    ]);
    expect(Date.parse(begun.expires_at)).toBe(nowMs + 12 * HOUR_MS);
    await send(begun, TWO_PARTS);
    const answer = await complete(begun);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['location']).toBe('/api/audio/voice.mp3');
    expect(answer.json()).toMatchObject({
      filename: 'voice.mp3',
      original_filename: 'voice.caf',
      title: 'Mond',
      description: 'd',
      original_size: TWO_PARTS.length,
      created_by: anna.id,
    });
    const audio = await test.request('GET', '/api/audio/voice.mp3?original=1', { token: anna.token });
    expect(audio.rawPayload.equals(TWO_PARTS)).toBe(true);
    await expectNothingLeft(1);
  });

  it('answers the same when it is completed again, and is taken in once', async () => {
    const begun = await sent('AUDIO one', { on_conflict: 'rename' });
    const first = await complete(begun);
    nowMs += HOUR_MS;
    const again = await complete(begun);
    expect([first.statusCode, again.statusCode]).toEqual([201, 201]);
    expect(again.json()).toEqual(first.json());
    await expectNothingLeft(1);
  });

  it('is taken in once when it is completed many times at once', async () => {
    const begun = await sent('AUDIO one', { on_conflict: 'rename' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => complete(begun)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(6).fill(201));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    await expectNothingLeft(1);
  });

  it('answers 202 when it takes longer than the client will wait', async () => {
    test.hold();
    const begun = await sent('AUDIO one');
    const answer = await complete(begun, { headers: { prefer: 'wait=0' } });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['preference-applied']).toBe('wait=0');
    const { request_id: requestId } = answer.json<{ request_id: string }>();
    expect(answer.headers['location']).toBe(`/api/requests/${requestId}`);
    test.release();
    expect((await complete(begun)).statusCode).toBe(201);
    await expectNothingLeft(1);
  });

  it('finds the same content, and says so again', async () => {
    await complete(await sent('AUDIO one'));
    const begun = await sent('AUDIO one', { filename: 'other.wav' });
    for (let round = 0; round < 2; round += 1) {
      const answer = await complete(begun);
      expect([answer.statusCode, answer.json()]).toMatchObject([
        200,
        { filename: 'voice.mp3', duplicate: true },
      ]);
    }
    await expectNothingLeft(1);
  });

  it('is numbered, or takes the place of the other, as asked for', async () => {
    await complete(await sent('AUDIO one'));
    const renamed = await complete(await sent('AUDIO two', { on_conflict: 'rename' }));
    expect([renamed.statusCode, renamed.json()]).toMatchObject([201, { filename: 'voice-2.mp3' }]);
    const replaced = await complete(await sent('AUDIO three', { on_conflict: 'replace' }));
    expect([replaced.statusCode, replaced.json()]).toMatchObject([201, { filename: 'voice.mp3' }]);
    const audio = await test.request('GET', '/api/audio/voice.mp3', { token: anna.token });
    expect(audio.body).toBe('AUDIO three');
    await expectNothingLeft(2);
  });

  it('begins once with one Idempotency-Key', async () => {
    const options = { headers: { 'idempotency-key': 'k' }, body: { filename: 'a.wav', size: 5 } };
    const first = await call('POST', '/api/audio/uploads', options);
    const again = await call('POST', '/api/audio/uploads', options);
    expect(again.json()).toEqual(first.json());
  });

  it('takes parts whatever their media type says, and again', async () => {
    const begun = await begin(Buffer.from('AUDIO one'));
    const [part] = begun.parts;
    if (part === undefined) throw new Error('There is no part.');
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=b'])
      expect((await put(part.url, 'AUDIO 999', { 'content-type': type })).statusCode).toBe(204);
    expect((await put(part.url, 'AUDIO one')).statusCode).toBe(204);
    expect((await complete(begun)).statusCode).toBe(201);
    const audio = await test.request('GET', '/api/audio/voice.mp3', { token: anna.token });
    expect(audio.body).toBe('AUDIO one');
  });
});

describe('a direct upload that cannot be taken in', () => {
  it.each<[string, Record<string, unknown>, number, string]>([
    ['larger than the limit', { size: 10 * MIB + 1 }, 413, 'too_large'],
    ['of no bytes', { size: 0 }, 400, 'invalid_input'],
    ['of half a byte', { size: 0.5 }, 400, 'invalid_input'],
    ['of a size that is none', { size: 1e300 }, 400, 'invalid_input'],
    ['without a size', { size: undefined }, 400, 'invalid_input'],
    ['with a name that leads out', { filename: '../../etc/passwd' }, 400, 'invalid_input'],
    ['with a title that is too long', { title: 'x'.repeat(201) }, 400, 'invalid_input'],
    ['with another rule', { on_conflict: 'explode' }, 400, 'invalid_input'],
    ['with a field that nobody knows', { sha256: 'x' }, 400, 'invalid_input'],
  ])('is refused at once: %s', async (_what, body, status, code) => {
    const answer = await call('POST', '/api/audio/uploads', {
      body: { filename: 'a.wav', size: 5, ...body },
    });
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { code }]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    await expectNothingLeft(0);
  });

  it('is refused at once when the name is taken by what cannot be the same', async () => {
    await complete(await sent('AUDIO one'));
    const body = { filename: 'voice.wav', size: 1000 };
    const answer = await call('POST', '/api/audio/uploads', { body });
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'already_exists' }]);
  });

  it.each<[string, string, number, string]>([
    ['no audio is in it', 'text', 415, 'unsupported_media'],
    ['none is found in it late', 'AUDIO LATE FAILURE', 415, 'unsupported_media'],
    ['the name has been taken meanwhile', 'AUDIO two', 409, 'already_exists'],
  ])('is refused, and refused again, when %s', async (_what, text, status, code) => {
    const begun = await sent(text);
    await complete(await sent('AUDIO one', { filename: status === 409 ? 'voice' : 'other' }));
    for (let round = 0; round < 2; round += 1) {
      const answer = await complete(begun);
      expect([answer.statusCode, answer.json()]).toMatchObject([status, { code }]);
    }
    await expectNothingLeft(1);
  });

  it('waits for parts that are missing', async () => {
    const begun = await begin(TWO_PARTS);
    const answer = await complete(begun);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      409,
      { code: 'conflict', details: { missing_parts: [1, 2] } },
    ]);
    await send(begun, TWO_PARTS);
    expect((await complete(begun)).statusCode).toBe(201);
  });

  it.each([
    ['shorter', 'AUDIO'],
    ['longer', 'AUDIO one and more'],
    ['empty', ''],
    ['far longer', 'x'.repeat(3 * MIB)],
  ])('takes no part that is %s', async (_what, payload) => {
    const begun = await begin(Buffer.from('AUDIO one'));
    const answer = await put(begun.parts[0]?.url ?? '', payload);
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'invalid_input' }]);
    expect((await complete(begun)).statusCode).toBe(409);
  });
});

describe('whose a direct upload is', () => {
  it('is whoever began it, by login or key', async () => {
    const begun = await sent('AUDIO one');
    const sameTenant = await test.addUser('bert', { isAdmin: true });
    const otherTenant = await test.addUser('anna2', { isAdmin: true, tenantId: 'others' });
    for (const { token } of [sameTenant, otherTenant]) {
      expect((await complete(begun, { token })).statusCode).toBe(404);
      expect((await abort(begun, { token })).statusCode).toBe(404);
    }
    const key = await call('POST', '/api/user/keys', { body: { name: 'k', scopes: ['write', 'read'] } });
    const { token } = key.json<{ token?: string; key?: string }>();
    expect((await complete(begun, token === undefined ? {} : { token })).statusCode).toBe(201);
  });

  it.each([
    'none',
    '..%2f..%2fetc%2fpasswd',
    '%00',
    'a'.repeat(900),
    `${'a'.repeat(22)}.zzzzzzzz.${'A'.repeat(43)}`,
    '{"requestId":1}',
  ])('is nobody for the id %s', async (id) => {
    const url = `/api/audio/uploads/${encodeURI(id)}`;
    expect((await call('POST', `${url}/complete`)).statusCode).toBe(404);
    expect((await call('DELETE', url)).statusCode).toBe(404);
    expect((await put(`${url}/parts/1?signature=${'A'.repeat(43)}`, 'AUDIO')).statusCode).toBe(404);
  });

  it('is told by the address of a part, of this one alone', async () => {
    const begun = await begin(TWO_PARTS);
    const other = await begin(TWO_PARTS, { filename: 'other' });
    const [first, second] = begun.parts.map(({ url }) => url);
    if (first === undefined || second === undefined) throw new Error('There are no parts.');
    const signature = new URL(first).searchParams.get('signature') ?? '';
    const path = (upload: Begun, number: string) => `/api/audio/uploads/${upload.upload_id}/parts/${number}`;
    for (const url of [
      path(begun, '1'),
      `${path(begun, '1')}?signature=`,
      `${path(begun, '1')}?signature=${signature.slice(1)}`,
      `${path(begun, '2')}?signature=${signature}`,
      `${path(other, '1')}?signature=${signature}`,
    ])
      expect((await put(url, TWO_PARTS.subarray(0, 8 * MIB))).statusCode).toBe(404);
    for (const number of ['0', '-1', '1.5', 'x', '10001'])
      expect((await put(`${path(begun, number)}?signature=${signature}`, 'x')).statusCode).toBe(400);
  });

  it('ends when its time is over', async () => {
    const begun = await sent('AUDIO one');
    nowMs += 12 * HOUR_MS;
    expect((await put(begun.parts[0]?.url ?? '', 'AUDIO one')).statusCode).toBe(404);
    expect((await complete(begun)).statusCode).toBe(404);
    expect((await abort(begun)).statusCode).toBe(204);
    await expectNothingLeft(0);
  });
});

describe('aborting', () => {
  it('leaves nothing, once or twice', async () => {
    const begun = await sent('AUDIO one');
    for (let round = 0; round < 2; round += 1) {
      const answer = await abort(begun);
      expect([answer.statusCode, answer.body]).toEqual([204, '']);
    }
    expect((await put(begun.parts[0]?.url ?? '', 'AUDIO one')).statusCode).toBe(404);
    const answer = await complete(begun);
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'not_found' }]);
    await expectNothingLeft(0);
  });

  it('leaves what was completed, also while it is still being taken in', async () => {
    test.hold();
    const begun = await sent('AUDIO one');
    expect((await complete(begun, { headers: { prefer: 'wait=0' } })).statusCode).toBe(202);
    expect((await abort(begun)).statusCode).toBe(204);
    test.release();
    expect((await complete(begun)).statusCode).toBe(201);
    expect((await abort(begun)).statusCode).toBe(204);
    await expectNothingLeft(1);
  });
});
