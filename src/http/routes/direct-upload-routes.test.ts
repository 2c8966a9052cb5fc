import { describe, expect, it } from 'vitest';
import { PART_BYTES, TWO_PARTS, useDirectUploads } from '../../../test/direct-upload-app.ts';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const app = useDirectUploads();

describe('a direct upload', () => {
  it('is cut into parts, which are put without credentials, and answers as any other', async () => {
    const begun = await app.begin(TWO_PARTS, { title: ' Mond ', description: 'd' });
    expect(begun.parts.map(({ number, size }) => [number, size])).toEqual([
      [1, PART_BYTES],
      [2, 5],
    ]);
    expect(Date.parse(begun.expires_at)).toBe(app.nowMs + 12 * HOUR_MS);
    await app.send(begun, TWO_PARTS);
    const answer = await app.complete(begun);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['location']).toBe('/api/audio/voice.mp3');
    expect(answer.json()).toMatchObject({
      filename: 'voice.mp3',
      original_filename: 'voice.caf',
      title: 'Mond',
      description: 'd',
      original_size: TWO_PARTS.length,
      created_by: app.anna.id,
    });
    const audio = await app.test.request('GET', '/api/audio/voice.mp3?original=1', { token: app.anna.token });
    expect(audio.rawPayload.equals(TWO_PARTS)).toBe(true);
    await app.expectNothingLeft(1);
  });

  it('answers the same when it is completed again, and is taken in once', async () => {
    const begun = await app.sent('AUDIO one', { on_conflict: 'rename' });
    const first = await app.complete(begun);
    app.wait(HOUR_MS);
    const again = await app.complete(begun);
    expect([first.statusCode, again.statusCode]).toEqual([201, 201]);
    expect(again.json()).toEqual(first.json());
    await app.expectNothingLeft(1);
  });

  it('is taken in once when it is completed many times at once', async () => {
    const begun = await app.sent('AUDIO one', { on_conflict: 'rename' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => app.complete(begun)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(6).fill(201));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    await app.expectNothingLeft(1);
  });

  it('answers 202 when it takes longer than the client will wait', async () => {
    app.test.hold();
    const begun = await app.sent('AUDIO one');
    const answer = await app.complete(begun, { headers: { prefer: 'wait=0' } });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['preference-applied']).toBe('wait=0');
    const { request_id: requestId } = answer.json<{ request_id: string }>();
    expect(answer.headers['location']).toBe(`/api/requests/${requestId}`);
    app.test.release();
    expect((await app.complete(begun)).statusCode).toBe(201);
    await app.expectNothingLeft(1);
  });

  it('finds the same content, and says so again', async () => {
    await app.complete(await app.sent('AUDIO one'));
    const begun = await app.sent('AUDIO one', { filename: 'other.wav' });
    for (let round = 0; round < 2; round += 1) {
      const answer = await app.complete(begun);
      expect([answer.statusCode, answer.json()]).toMatchObject([
        200,
        { filename: 'voice.mp3', duplicate: true },
      ]);
    }
    await app.expectNothingLeft(1);
  });

  it('is numbered, or takes the place of the other, as asked for', async () => {
    await app.complete(await app.sent('AUDIO one'));
    const renamed = await app.complete(await app.sent('AUDIO two', { on_conflict: 'rename' }));
    expect([renamed.statusCode, renamed.json()]).toMatchObject([201, { filename: 'voice-2.mp3' }]);
    const replaced = await app.complete(await app.sent('AUDIO three', { on_conflict: 'replace' }));
    expect([replaced.statusCode, replaced.json()]).toMatchObject([201, { filename: 'voice.mp3' }]);
    const audio = await app.test.request('GET', '/api/audio/voice.mp3', { token: app.anna.token });
    expect(audio.body).toBe('AUDIO three');
    await app.expectNothingLeft(2);
  });

  it('begins once with one Idempotency-Key', async () => {
    const options = { headers: { 'idempotency-key': 'k' }, body: { filename: 'a.wav', size: 5 } };
    const first = await app.call('POST', '/api/audio/uploads', options);
    const again = await app.call('POST', '/api/audio/uploads', options);
    expect(again.json()).toEqual(first.json());
  });

  it('takes parts whatever their media type says, and again', async () => {
    const begun = await app.begin(Buffer.from('AUDIO one'));
    const [part] = begun.parts;
    if (part === undefined) throw new Error('There is no part.');
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=b'])
      expect((await app.put(part.url, 'AUDIO 999', { 'content-type': type })).statusCode).toBe(204);
    expect((await app.put(part.url, 'AUDIO one')).statusCode).toBe(204);
    expect((await app.complete(begun)).statusCode).toBe(201);
    const audio = await app.test.request('GET', '/api/audio/voice.mp3', { token: app.anna.token });
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
    const answer = await app.call('POST', '/api/audio/uploads', {
      body: { filename: 'a.wav', size: 5, ...body },
    });
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { code }]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    await app.expectNothingLeft(0);
  });

  it('is refused at once when the name is taken by what cannot be the same', async () => {
    await app.complete(await app.sent('AUDIO one'));
    const body = { filename: 'voice.wav', size: 1000 };
    const answer = await app.call('POST', '/api/audio/uploads', { body });
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'already_exists' }]);
  });

  it.each<[string, string, number, string]>([
    ['no audio is in it', 'text', 415, 'unsupported_media'],
    ['none is found in it late', 'AUDIO LATE FAILURE', 415, 'unsupported_media'],
    ['the name has been taken meanwhile', 'AUDIO two', 409, 'already_exists'],
  ])('is refused, and refused again, when %s', async (_what, text, status, code) => {
    const begun = await app.sent(text);
    await app.complete(await app.sent('AUDIO one', { filename: status === 409 ? 'voice' : 'other' }));
    for (let round = 0; round < 2; round += 1) {
      const answer = await app.complete(begun);
      expect([answer.statusCode, answer.json()]).toMatchObject([status, { code }]);
    }
    await app.expectNothingLeft(1);
  });

  it('waits for parts that are missing', async () => {
    const begun = await app.begin(TWO_PARTS);
    const answer = await app.complete(begun);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      409,
      { code: 'conflict', details: { missing_parts: [1, 2] } },
    ]);
    await app.send(begun, TWO_PARTS);
    expect((await app.complete(begun)).statusCode).toBe(201);
  });

  it.each([
    ['shorter', 'AUDIO'],
    ['longer', 'AUDIO one and more'],
    ['empty', ''],
    ['far longer', 'x'.repeat(3 * MIB)],
  ])('takes no part that is %s', async (_what, payload) => {
    const begun = await app.begin(Buffer.from('AUDIO one'));
    const answer = await app.put(begun.parts[0]?.url ?? '', payload);
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'invalid_input' }]);
    expect((await app.complete(begun)).statusCode).toBe(409);
  });
});
