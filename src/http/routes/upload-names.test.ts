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

describe('a name that is taken', () => {
  beforeEach(() => upload('one', 'a.wav'));

  it.each<[string, UploadPart[]]>([
    ['the file', [['file', 'AUDIO two', 'a.flac']]],
    [
      'a field',
      [
        ['filename', 'a'],
        ['file', 'AUDIO two', 'b.wav'],
      ],
    ],
    [
      'a late field',
      [
        ['file', 'AUDIO two', 'b.wav'],
        ['filename', 'a'],
      ],
    ],
  ])('is refused when it comes from %s', async (_from, parts) => {
    const answer = await post(parts);
    expect([answer.status, answer.body['code']]).toEqual([409, 'already_exists']);
    await expectNothingLeft(1);
  });

  it('is refused before the bytes come when they cannot be the same', async () => {
    const { port } = test.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('data', (text) => (answer += String(text)));
    socket.write(
      'POST /api/audio/upload HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=b\r\n' +
        'content-length: 1200000\r\n\r\n--b\r\ncontent-disposition: form-data; name="filename"\r\n\r\na\r\n' +
        '--b\r\ncontent-disposition: form-data; name="file"; filename="x.mp3"\r\n\r\nAUDIO',
    );
    await expect.poll(() => answer).toMatch(/^HTTP\/1.1 409/);
    socket.destroy();
  });

  it('is numbered with on_conflict=rename', async () => {
    expect((await upload('two', 'a.wav', { query: '?on_conflict=rename' })).body['filename']).toBe('a-2.mp3');
    expect((await upload('two', 'a.wav', { query: '?on_conflict=rename' })).body['filename']).toBe('a-3.mp3');
    await expectNothingLeft(3);
  });

  it('is numbered without a clash when many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => upload(`n${index}`, 'a.wav', { query: '?on_conflict=rename' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
    expect(new Set(answers.map(({ body }) => body['filename'])).size).toBe(6);
    await expectNothingLeft(7);
  });

  it('goes to one of many that come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => upload(`n${index}`, 'b.wav')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    await expectNothingLeft(2);
  });

  it('is given to the new audio with on_conflict=replace', async () => {
    const answer = await upload('two', 'a.wav', { query: '?on_conflict=replace' });
    expect(answer.status).toBe(201);
    const audio = await fetch(`${test.url}/api/audio/a.mp3`);
    expect(await audio.text()).toBe('AUDIO two');
  });

  it('is invalid with another rule', async () => {
    expect((await upload('two', 'a.wav', { query: '?on_conflict=explode' })).status).toBe(400);
  });
});

describe('the same content again', () => {
  it('is not stored, whatever it is called', async () => {
    await upload('one', 'a.wav');
    for (const name of ['a.wav', 'b.wav']) {
      const { status, body } = await upload('one', name);
      expect([status, body['filename'], body['duplicate']]).toEqual([200, 'a.mp3', true]);
    }
    expect(
      (
        await post([
          ['filename', 'a.mp3'],
          ['file', 'AUDIO one', 'x'],
        ])
      ).status,
    ).toBe(200);
    await expectNothingLeft(1);
  });

  it('is a copy with on_conflict', async () => {
    await upload('one', 'a.wav');
    const copy = await upload('one', 'b.wav', { query: '?on_conflict=rename' });
    expect([copy.status, copy.body['filename']]).toEqual([201, 'b.mp3']);
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'k1' };

  it('executes once', async () => {
    const first = await upload('one', 'a.wav', { headers, query: '?on_conflict=rename' });
    const second = await upload('one', 'a.wav', { headers, query: '?on_conflict=rename' });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    await expectNothingLeft(1);
  });

  it.each<[string, UploadPart[]]>([
    ['another file', [['file', 'AUDIO two', 'a.wav']]],
    [
      'another field',
      [
        ['file', 'AUDIO one', 'a.wav'],
        ['title', 'x'],
      ],
    ],
  ])('is refused with %s', async (_what, parts) => {
    await upload('one', 'a.wav', { headers });
    const answer = await post(parts, { headers });
    expect([answer.status, answer.body['code']]).toEqual([409, 'conflict']);
    await expectNothingLeft(1);
  });
});
