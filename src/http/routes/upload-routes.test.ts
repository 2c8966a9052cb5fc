import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { openUploadBench, type UploadBench } from '../../../test/upload-bench.ts';
import type { UploadOptions, UploadPart } from '../../../test/upload-form.ts';

let test: UploadBench;

beforeEach(async () => {
  test = await openUploadBench();
});
afterEach(() => test.close());

const post = (parts: readonly UploadPart[], options?: UploadOptions) => test.post(parts, options);
const upload = (content: string, filename: string, options?: UploadOptions) =>
  test.upload(content, filename, options);
const expectNothingLeft = (files?: number) => test.expectNothingLeft(files);

describe('an upload', () => {
  it('answers with the record when it is ready', async () => {
    const answer = await upload('one', 'voice.caf');
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/audio/voice.mp3');
    expect(answer.body).toMatchObject({
      filename: 'voice.mp3',
      original_filename: 'voice.caf',
      state: 'ready',
      size: 9,
      original_size: 9,
      duration: 2.612,
      url: `${test.url}/api/audio/voice.mp3`,
      transcript: { status: 'disabled', has_transcript: false },
    });
    await expectNothingLeft(1);
  });

  it.each<[string, UploadPart[]]>([
    [
      'before',
      [
        ['filename', 'Gutenacht Lied.wav'],
        ['title', ' Mond '],
        ['description', 'd'],
        ['file', 'AUDIO', 'x.wav'],
      ],
    ],
    [
      'after',
      [
        ['file', 'AUDIO', '../x.wav'],
        ['filename', 'Gutenacht Lied.wav'],
        ['title', ' Mond '],
        ['description', 'd'],
      ],
    ],
  ])('takes its fields %s the file', async (_where, parts) => {
    const { status, body } = await post(parts);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      filename: 'Gutenacht Lied.mp3',
      original_filename: 'x.wav',
      title: 'Mond',
      description: 'd',
    });
  });

  it('keeps names of any script', async () => {
    const { body, headers } = await upload('one', 'Schöne Märchen 猫.wav');
    expect(body['filename']).toBe('Schöne Märchen 猫.mp3');
    expect(headers.get('location')).toBe(`/api/audio/${encodeURIComponent('Schöne Märchen 猫.mp3')}`);
  });

  it('answers 202 when it takes longer than the client will wait', async () => {
    test.hold();
    const answer = await upload('one', 'a.wav', { headers: { prefer: 'respond-async, wait=0' } });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe('wait=0');
    expect(answer.body).toMatchObject({
      status: 'PENDING',
      file: { filename: 'a.mp3', state: 'processing', size: 0 },
    });
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`/api/requests/${String(answer.body['request_id'])}`);
    expect((await fetch(test.url + location)).status).toBe(200);
    test.release();
    await expect
      .poll(async () => (await test.ports.audioFiles.find('default', 'a.mp3'))?.state)
      .toBe('ready');
  });

  it('goes on when the client does not wait for it', async () => {
    test.hold();
    const gone = new AbortController();
    const form = new FormData();
    form.append('file', new Blob(['AUDIO']), 'a.wav');
    const answer = fetch(`${test.url}/api/audio/upload`, { method: 'POST', body: form, signal: gone.signal });
    await expect
      .poll(async () => (await test.ports.audioFiles.find('default', 'a.mp3'))?.state)
      .toBe('processing');
    gone.abort();
    await expect(answer).rejects.toThrow();
    test.release();
    await expect
      .poll(async () => (await test.ports.audioFiles.find('default', 'a.mp3'))?.state)
      .toBe('ready');
  });
});

describe('what cannot be taken in', () => {
  it.each<[string, UploadPart[], number, string]>([
    ['a name with ..', [['file', 'AUDIO', '../../etc/passwd']], 400, 'invalid_input'],
    ['a name with a separator', [['file', 'AUDIO', 'a/b.mp3']], 400, 'invalid_input'],
    ['a name with a backslash', [['file', 'AUDIO', 'a\\b.mp3']], 400, 'invalid_input'],
    ['a name with a control character', [['file', 'AUDIO', 'a\u0007b.mp3']], 400, 'invalid_input'],
    [
      'a field with a bad name',
      [
        ['filename', '.hidden'],
        ['file', 'AUDIO', 'a.mp3'],
      ],
      400,
      'invalid_input',
    ],
    [
      'a late field with a bad name',
      [
        ['file', 'AUDIO', 'a.mp3'],
        ['filename', '.hidden'],
      ],
      400,
      'invalid_input',
    ],
    [
      'a title that is too long',
      [
        ['title', 'x'.repeat(201)],
        ['file', 'AUDIO', 'a.mp3'],
      ],
      400,
      'invalid_input',
    ],
    [
      'a field that is far too long',
      [
        ['title', 'x'.repeat(40_000)],
        ['file', 'AUDIO', 'a.mp3'],
      ],
      400,
      'invalid_input',
    ],
    [
      'a field twice',
      [
        ['title', 'a'],
        ['title', 'b'],
        ['file', 'AUDIO', 'a.mp3'],
      ],
      400,
      'invalid_input',
    ],
    ['no file', [['title', 'x']], 400, 'invalid_input'],
    ['a file that is a field', [['file', 'AUDIO']], 400, 'invalid_input'],
    [
      'two files',
      [
        ['file', 'AUDIO', 'a.mp3'],
        ['file', 'AUDIO', 'b.mp3'],
      ],
      400,
      'invalid_input',
    ],
    [
      'a file by another name',
      [
        ['file', 'AUDIO', 'a.mp3'],
        ['cover', 'x', 'b.png'],
      ],
      400,
      'invalid_input',
    ],
    [
      'many fields',
      Array.from({ length: 40 }, (_, index) => [`f${index}`, 'x'] as const),
      400,
      'invalid_input',
    ],
    ['no audio', [['file', 'text', 'a.mp3']], 415, 'unsupported_media'],
    ['no audio, found late', [['file', 'AUDIO LATE FAILURE', 'a.mp3']], 415, 'unsupported_media'],
    ['too much', [['file', `AUDIO${'x'.repeat(300_000)}`, 'a.mp3']], 413, 'too_large'],
    ['far too much', [['file', `AUDIO${'x'.repeat(3_000_000)}`, 'a.mp3']], 413, 'too_large'],
  ])('is refused: %s', async (_what, parts, status, code) => {
    const answer = await post(parts);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    await expectNothingLeft();
  });

  it('takes exactly the limit', async () => {
    expect((await post([['file', `AUDIO${'x'.repeat(299_995)}`, 'a.mp3']])).status).toBe(201);
  });

  it('leaves the connection usable after a refusal', async () => {
    for (let round = 0; round < 5; round += 1) {
      expect((await post([['file', `AUDIO${'x'.repeat(900_000)}`, 'a.mp3']])).status).toBe(413);
    }
    expect((await upload('one', 'a.wav')).status).toBe(201);
  });

  it.each([
    ['no form', { 'content-type': 'application/json' }, '{}', 415],
    ['no type', {}, 'x', 415],
    ['no boundary', { 'content-type': 'multipart/form-data' }, 'x', 400],
    ['an empty form', { 'content-type': 'multipart/form-data; boundary=b' }, '', 400],
    ['a form that is none', { 'content-type': 'multipart/form-data; boundary=b' }, 'what is this', 400],
    [
      'a form without its end',
      { 'content-type': 'multipart/form-data; boundary=b' },
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\nAUDIO and then',
      400,
    ],
  ])('refuses %s', async (_what, headers, payload, status) => {
    const answer = await test.app.inject({
      method: 'POST',
      url: '/api/audio/upload',
      headers: { ...headers, host: 'localhost' },
      payload,
    });
    expect(answer.statusCode).toBe(status);
    await expectNothingLeft();
  });

  it('leaves nothing when the client goes in the middle', async () => {
    const { port } = test.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /api/audio/upload HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=b\r\n' +
        'content-length: 100000\r\n\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="half.mp3"\r\n\r\nAUDIO only this',
    );
    await expect.poll(() => test.listTemporary()).toHaveLength(1);
    socket.destroy();
    await expectNothingLeft();
  });
});
