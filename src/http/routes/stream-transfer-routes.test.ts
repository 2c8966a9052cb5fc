import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addTrack } from '../../../test/stream-library.ts';
import { openTestApp } from '../../../test/test-app.ts';
import type { TestApp } from '../../../test/test-app.ts';

describe('definitions on the move', () => {
  let test: TestApp;
  const open = async () => {
    const opened = await openTestApp({ policy: { auth: 'off' } });
    await addTrack(opened.ports, 'a.mp3', 10);
    return opened;
  };
  beforeEach(async () => {
    test = await open();
  });
  afterEach(() => test.app.close());

  const importInto = (there: TestApp, payload: unknown, query = '') =>
    there.app.inject({
      method: 'POST',
      url: `/api/streams/import${query}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    });

  it('are exported, many of them, and come in elsewhere as they were', async () => {
    for (let number = 0; number < 45; number += 1) {
      const body = {
        files: ['a.mp3'],
        play_mode: number % 2 === 0 ? 'shuffle' : 'loop',
        title: `Number ${number}`,
      };
      await test.request('PUT', `/api/streams/s${number}/queue`, { body });
    }
    const exported = await test.request('GET', '/api/streams/export');
    expect(exported.headers['content-type']).toContain('application/json');
    const document = exported.json<{ streams: { name: string }[] }>();
    expect(document).toMatchObject({ format: 'earshot-streams', version: 1 });
    expect(document.streams).toHaveLength(45);

    const there = await open();
    const answer = await importInto(there, document);
    expect(answer.json()).toMatchObject({ success: true, created: 45, replaced: 0, skipped: 0, failed: 0 });
    expect((await there.request('GET', '/api/streams/export')).json()).toEqual(document);
    await there.app.close();
  });

  it('are an empty document where there are none', async () => {
    expect((await test.request('GET', '/api/streams/export')).json()).toMatchObject({ streams: [] });
  });

  it('may be an old file, or a list of them; unknown files are kept and named', async () => {
    const one = await importInto(test, { name: 'old', files: ['a.mp3', 'b.mp3'], loop: true });
    expect(one.json()).toMatchObject({
      created: 1,
      results: [{ name: 'old', result: 'created', missing: ['b.mp3'] }],
    });
    expect((await test.request('GET', '/api/streams/old/queue')).json()).toMatchObject({
      files: ['a.mp3', 'b.mp3'],
      play_mode: 'loop',
    });
    const many = await importInto(test, [
      { name: 'x', files: [], loop: false },
      { name: 'y', files: ['a.mp3'], loop: false, comment: 'by hand' },
    ]);
    expect(many.json()).toMatchObject({ created: 2 });
  });

  it('leave what is there alone, unless it is to be replaced', async () => {
    await importInto(test, { name: 's', files: ['a.mp3'] });
    const other = { name: 's', files: ['a.mp3', 'a.mp3'] };
    expect((await importInto(test, other)).json()).toMatchObject({
      skipped: 1,
      results: [{ result: 'skipped' }],
    });
    expect((await test.request('GET', '/api/streams/s/queue')).json()).toMatchObject({ file_count: 1 });
    expect((await importInto(test, other, '?on_conflict=replace')).json()).toMatchObject({ replaced: 1 });
    expect((await test.request('GET', '/api/streams/s/queue')).json()).toMatchObject({ file_count: 2 });
  });

  it('stand each for itself', async () => {
    const answer = await importInto(test, {
      streams: [
        { name: 'no name', files: [] },
        { name: 'mode', files: [], play_mode: 'backwards' },
        { name: 'long', files: Array.from({ length: 5001 }, () => 'a.mp3') },
        { name: 'past', files: [], persistence: 'session', expires_at: '2020-01-01T00:00:00.000Z' },
        { name: 'good', files: [] },
      ],
    });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      success: false,
      created: 1,
      failed: 4,
      results: [
        { name: 'no name', result: 'failed', error: { code: 'invalid_input' } },
        { name: 'mode', error: { code: 'invalid_input' } },
        { name: 'long', error: { code: 'too_large' } },
        { name: 'past', error: { code: 'conflict' } },
        { name: 'good', result: 'created' },
      ],
    });
  });

  it.each([
    ['what is no definition', { hello: 'world' }],
    ['another format', { format: 'playlist', streams: [] }],
    ['files that are no list', { name: 's', files: 'a.mp3' }],
  ])('are not %s', async (_what, payload) => {
    const answer = await importInto(test, payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_input' });
  });
});
