import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTrack, addUnreadyFile } from '../../../test/stream-library.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp } from '../../../test/test-app.ts';

const QUEUE = '/api/streams/my-story/queue';

describe('the queue of a stream', () => {
  let test: TestApp;
  beforeEach(async () => {
    test = await openTestApp({ policy: { auth: 'off' } });
    for (const filename of ['a.mp3', 'b.mp3', 'c.mp3']) await addTrack(test.ports, filename, 50);
  });
  afterEach(() => test.app.close());

  const filesNow = async (): Promise<string[]> =>
    (await test.request('GET', QUEUE)).json<{ files: string[] }>().files;

  it('is made by appending, and shown', async () => {
    const made = await test.request('POST', QUEUE, { body: { files: ['a.mp3', 'b.mp3', 'a.mp3'] } });
    expect(made.statusCode).toBe(200);
    expect(made.json()).toMatchObject({ success: true, message: 'Added 3 files to "my-story".' });
    const shown = await test.request('GET', QUEUE);
    expect(shown.json()).toEqual(made.json<{ queue: unknown }>().queue);
    expect(shown.json()).toMatchObject({
      name: 'my-story',
      files: ['a.mp3', 'b.mp3', 'a.mp3'],
      loop: false,
      play_mode: 'sequential',
      file_count: 3,
      // 150 frames of 1152 samples.
      duration: 3.918,
      persistence: 'permanent',
    });
    expect(shown.headers.etag).toBe(`"${shown.json<{ revision: string }>().revision}"`);
  });

  it('tells from when on an edit of an endless stream is heard', async () => {
    const body = { files: ['a.mp3'], play_mode: 'loop' };
    const made = await test.request('POST', QUEUE, { body });
    expect(made.json<{ queue: object }>().queue).not.toHaveProperty('live_from');
    const beforeMs = Date.now();
    const edited = await test.request('POST', QUEUE, { body: { files: ['b.mp3'] } });
    const { live_from } = edited.json<{ queue: { live_from: string } }>().queue;
    // After what may be listed by now, and an epoch of 1.3 s.
    expect(Date.parse(live_from) - beforeMs).toBeGreaterThan(29_000);
    expect(Date.parse(live_from) - beforeMs).toBeLessThan(45_000);
    expect((await test.request('GET', QUEUE)).json()).toMatchObject({ live_from, files: ['a.mp3', 'b.mp3'] });
  });

  it('loses no append of twenty at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => test.request('POST', QUEUE, { body: { files: ['a.mp3'] } })),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(20).fill(200));
    expect(await filesNow()).toHaveLength(20);
  });

  it('takes a file that is still being taken in, and counts what is ready', async () => {
    await addUnreadyFile(test.ports, 'new.mp3', 'processing');
    const answer = await test.request('POST', QUEUE, { body: { files: ['a.mp3', 'new.mp3'] } });
    expect(answer.json()).toMatchObject({ queue: { file_count: 2, duration: 1.306 } });
  });

  it('names every unknown file, and changes nothing', async () => {
    const answer = await test.request('POST', QUEUE, { body: { files: ['x.mp3', 'a.mp3', 'y.mp3'] } });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'not_found',
      errors: [{ field: 'files[0]' }, { field: 'files[2]' }],
      details: { missing: ['x.mp3', 'y.mp3'] },
    });
    expect((await test.request('GET', QUEUE)).statusCode).toBe(404);
  });

  it('is replaced as a whole, with 201 where it is new', async () => {
    expect((await test.request('PUT', QUEUE, { body: { files: ['a.mp3'] } })).statusCode).toBe(201);
    const answer = await test.request('PUT', QUEUE, {
      body: { files: ['b.mp3', 'c.mp3'], play_mode: 'shuffle' },
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ queue: { files: ['b.mp3', 'c.mp3'], play_mode: 'shuffle' } });
  });

  it.each([
    [0, 2, ['b.mp3', 'c.mp3', 'a.mp3']],
    [2, 0, ['c.mp3', 'a.mp3', 'b.mp3']],
    [1, 1, ['a.mp3', 'b.mp3', 'c.mp3']],
  ])('moves entry %i to %i', async (oldIndex, newIndex, files) => {
    await test.request('PUT', QUEUE, { body: { files: ['a.mp3', 'b.mp3', 'c.mp3'] } });
    const body = { old_index: oldIndex, new_index: newIndex };
    const answer = await test.request('PUT', `${QUEUE}/reorder`, { body });
    expect(answer.json()).toMatchObject({ success: true, queue: { files } });
  });

  it('loses one entry, then all, and stays', async () => {
    await test.request('PUT', QUEUE, { body: { files: ['a.mp3', 'b.mp3', 'a.mp3'] } });
    const one = await test.request('DELETE', `${QUEUE}/0`);
    expect(one.json()).toMatchObject({ queue: { files: ['b.mp3', 'a.mp3'] } });
    const all = await test.request('DELETE', QUEUE);
    expect(all.json()).toMatchObject({ queue: { files: [], file_count: 0, duration: 0 } });
    expect(await filesNow()).toEqual([]);
  });

  it('is not edited when If-Match names another revision', async () => {
    const first = await test.request('POST', QUEUE, { body: { files: ['a.mp3'] } });
    const headers = { 'if-match': first.headers.etag ?? '' };
    expect((await test.request('POST', QUEUE, { headers, body: { files: ['b.mp3'] } })).statusCode).toBe(200);
    for (const [method, url, body] of [
      ['POST', QUEUE, { files: ['c.mp3'] }],
      ['PUT', QUEUE, { files: ['c.mp3'] }],
      ['PUT', `${QUEUE}/reorder`, { old_index: 0, new_index: 1 }],
      ['DELETE', `${QUEUE}/0`, undefined],
      ['DELETE', QUEUE, undefined],
      ['PATCH', '/api/streams/my-story', { play_mode: 'loop' }],
      ['DELETE', '/api/streams/my-story', undefined],
    ] as const) {
      const answer = await test.request(method, url, { headers, ...(body && { body }) });
      expect([method, url, answer.statusCode]).toEqual([method, url, 412]);
      expect(answer.json()).toMatchObject({ code: 'precondition_failed' });
    }
    expect(await filesNow()).toEqual(['a.mp3', 'b.mp3']);
  });

  it('makes nothing when If-Match names a stream that is not there', async () => {
    const answer = await test.request('POST', QUEUE, {
      headers: { 'if-match': '*' },
      body: { files: ['a.mp3'] },
    });
    expect(answer.statusCode).toBe(412);
  });

  const tooMany = Array.from({ length: 5001 }, () => 'a.mp3');
  it.each([
    ['an index past the end', 'DELETE', `${QUEUE}/3`, undefined, 400, 'invalid_input'],
    ['a negative index', 'DELETE', `${QUEUE}/-1`, undefined, 400, 'invalid_input'],
    ['an index that is no number', 'DELETE', `${QUEUE}/first`, undefined, 400, 'invalid_input'],
    [
      'a move from past the end',
      'PUT',
      `${QUEUE}/reorder`,
      { old_index: 3, new_index: 0 },
      400,
      'invalid_input',
    ],
    [
      'a move to a negative place',
      'PUT',
      `${QUEUE}/reorder`,
      { old_index: 0, new_index: -1 },
      400,
      'invalid_input',
    ],
    [
      'a move by half a place',
      'PUT',
      `${QUEUE}/reorder`,
      { old_index: 0.5, new_index: 0 },
      400,
      'invalid_input',
    ],
    ['no files', 'POST', QUEUE, {}, 400, 'invalid_input'],
    ['a name with a path', 'POST', QUEUE, { files: ['../a.mp3'] }, 400, 'invalid_input'],
    ['an unknown play mode', 'POST', QUEUE, { files: [], play_mode: 'backwards' }, 400, 'invalid_input'],
    ['an unknown field', 'POST', QUEUE, { files: [], volume: 11 }, 400, 'invalid_input'],
    ['too many files', 'POST', QUEUE, { files: tooMany }, 413, 'too_large'],
    ['a reserved stream', 'POST', '/api/streams/queues/queue', { files: [] }, 400, 'invalid_input'],
    [
      'a stream of another kind of name',
      'POST',
      '/api/streams/a%20b/queue',
      { files: [] },
      400,
      'invalid_input',
    ],
    ['a stream that is not there', 'DELETE', '/api/streams/nobody/queue', undefined, 404, 'not_found'],
    [
      'a reorder of what is not there',
      'PUT',
      '/api/streams/nobody/queue/reorder',
      { old_index: 0, new_index: 0 },
      404,
      'not_found',
    ],
  ] as const)('refuses %s', async (_what, method, url, body, status, code) => {
    await test.request('POST', QUEUE, { body: { files: ['a.mp3', 'b.mp3', 'c.mp3'] } });
    const answer = await test.request(method, url, body === undefined ? {} : { body: { ...body } });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, status });
    expect(await filesNow()).toEqual(['a.mp3', 'b.mp3', 'c.mp3']);
  });

  it('is too large together with what is there already', async () => {
    await test.request('PUT', QUEUE, { body: { files: tooMany.slice(1) } });
    const answer = await test.request('POST', QUEUE, { body: { files: ['a.mp3'] } });
    expect(answer.statusCode).toBe(413);
    expect(await filesNow()).toHaveLength(5000);
  });
});
