import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heard, MP3, NAMES, openPlayingApp } from '../../../test/playing-app.ts';
import type { PlayingApp } from '../../../test/playing-app.ts';
import { hashSecretToken } from '../../services/secret-token.ts';

const HOUR_MS = 3_600_000;

describe('a shuffled stream.mp3', () => {
  let nowMs: number;
  let test: PlayingApp;

  // Server time is an hour ahead of UTC.
  const open = () => openPlayingApp({ clock: () => nowMs, policy: { utcOffsetMinutes: () => 60 } });

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 21, 12);
    test = await open();
  });
  afterEach(() => test.app.close());

  it('has the order of the seed that is asked for, and tells it', async () => {
    const one = await test.play('?play_mode=shuffle&seed=7');
    expect(one.headers['x-seed']).toBe('7');
    expect(heard(one).toSorted()).toEqual(NAMES);
    expect(heard(await test.play('?play_mode=shuffle&seed=7'))).toEqual(heard(one));
    expect(heard(await test.play('?play_mode=shuffle&seed=8'))).not.toEqual(heard(one));
  });

  it('has without a seed an order of listener and day: the same from every instance', async () => {
    const here = await test.play('?play_mode=shuffle');
    expect(heard(await test.play('?play_mode=shuffle'))).toEqual(heard(here));
    const seeded = await test.play(`?play_mode=shuffle&seed=${here.headers['x-seed'] as string}`);
    expect(seeded.headers.etag).toBe(here.headers.etag);

    const elsewhere = await open();
    const session = await test.ports.sessions.findByTokenHash(hashSecretToken(test.user.token));
    await elsewhere.ports.sessions.create({ ...(session ?? never()), userId: elsewhere.user.id });
    const there = await elsewhere.request('GET', `${MP3}?play_mode=shuffle`, { token: test.user.token });
    expect(there.headers['x-seed']).toBe(here.headers['x-seed']);
    expect(Buffer.compare(there.rawPayload, here.rawPayload)).toBe(0);
    await elsewhere.app.close();

    const other = await test.addUser('bob');
    const others = await test.request('GET', `${MP3}?play_mode=shuffle`, { token: other.token });
    expect(others.headers['x-seed']).not.toBe(here.headers['x-seed']);
  });

  it('has another from 04:00 server time on, and goes on with the one that a request names', async () => {
    nowMs = Date.UTC(2026, 10, 22, 3) - 1;
    const yesterday = await test.play('?play_mode=shuffle');
    nowMs += 1;
    const today = await test.play('?play_mode=shuffle');
    expect(today.headers['x-seed']).not.toBe(yesterday.headers['x-seed']);
    expect(today.headers['last-modified']).toBe('Sun, 22 Nov 2026 03:00:00 GMT');
    nowMs += 23 * HOUR_MS;
    expect((await test.play('?play_mode=shuffle')).headers['x-seed']).toBe(today.headers['x-seed']);

    const etag = yesterday.headers.etag ?? '';
    const piece = await test.play('?play_mode=shuffle', { range: 'bytes=5000-9999', 'if-range': etag });
    expect(piece.statusCode).toBe(206);
    expect(piece.headers['x-seed']).toBe(yesterday.headers['x-seed']);
    expect(Buffer.compare(piece.rawPayload, yesterday.rawPayload.subarray(5000, 10_000))).toBe(0);
    expect((await test.play('?play_mode=shuffle', { 'if-match': etag })).headers.etag).toBe(etag);
    expect((await test.play('?play_mode=shuffle', { 'if-none-match': `"x", W/${etag}` })).statusCode).toBe(
      304,
    );

    nowMs += HOUR_MS;
    const late = await test.play('?play_mode=shuffle', { range: 'bytes=5000-9999', 'if-range': etag });
    expect(late.statusCode).toBe(200);
    await test.request('PATCH', '/api/streams/s', { token: test.user.token, body: { play_mode: 'shuffle' } });
    const dated = await test.play('', {
      range: 'bytes=0-1',
      'if-range': late.headers['last-modified'] ?? '',
    });
    expect(dated.statusCode).toBe(200);
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
