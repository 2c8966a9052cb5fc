import { describe, expect, it } from 'vitest';
import type { Caller } from '../domain/caller.ts';
import { dayBefore, listenerOf, listenerSeed, liveSeed, shuffleDay } from './shuffle-seed.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const secret = new Uint8Array(32).fill(7);

const caller: Caller = {
  userId: '1',
  username: 'ann',
  tenantId: 'default',
  isAdmin: false,
  scopes: ['play'],
};
const player = { address: '192.0.2.1', userAgent: 'radio' };

describe('the day of a shuffle', () => {
  it.each([
    ['UTC', 0],
    ['an hour ahead', 60],
    ['behind', -210],
  ])('turns at 04:00 server time (%s)', (_where, offsetMinutes) => {
    const policy = { utcOffsetMinutes: () => offsetMinutes };
    const turnMs = Date.UTC(2026, 10, 21, 4) - offsetMinutes * 60_000;
    const today = shuffleDay(policy, turnMs);
    expect(today.startMs).toBe(turnMs);
    expect(shuffleDay(policy, turnMs + DAY_MS - 1)).toEqual(today);
    expect(shuffleDay(policy, turnMs - 1)).toEqual(dayBefore(today));
  });
});

describe('who listens', () => {
  const on = { auth: 'on' } as const;

  it('is the session, on whatever device', () => {
    const session = { ...caller, sessionId: 's' };
    const one = listenerOf(session, { ...player, credential: 'Bearer x' }, on);
    expect(listenerOf(session, { address: '198.51.100.1', userAgent: 'phone' }, on)).toBe(one);
  });

  it('is the token of a link or key, wherever it is', () => {
    const one = listenerOf(caller, { ...player, credential: 'one' }, on);
    expect(listenerOf(caller, { address: '198.51.100.1', userAgent: 'x', credential: 'one' }, on)).toBe(one);
    expect(listenerOf(caller, { ...player, credential: 'two' }, on)).not.toBe(one);
  });

  it('is address and user agent where nobody logs in', () => {
    const one = listenerOf(null, player, on);
    expect(listenerOf(caller, player, { auth: 'off' })).toBe(one);
    expect(listenerOf(null, { ...player, userAgent: 'phone' }, on)).not.toBe(one);
    expect(listenerOf(null, { ...player, address: '198.51.100.1' }, on)).not.toBe(one);
  });
});

describe('a seed', () => {
  const day = { number: 20_413, startMs: 0 };

  it('is a uint32 that stream, tenant, listener, day and secret decide', () => {
    const seed = listenerSeed({ secret }, 'default', 's', 'l', day);
    // Pinned: another number would give every listener another order, midway.
    expect(seed).toBe(1362846569);
    const others = [
      listenerSeed({ secret }, 'other', 's', 'l', day),
      listenerSeed({ secret }, 'default', 't', 'l', day),
      listenerSeed({ secret }, 'default', 's', 'm', day),
      listenerSeed({ secret }, 'default', 's', 'l', dayBefore(day)),
      listenerSeed({ secret: new Uint8Array(32) }, 'default', 's', 'l', day),
      liveSeed({ secret }, 'default', 's'),
    ];
    expect(new Set([seed, ...others]).size).toBe(7);
    for (const each of others) expect(each).toBe(each >>> 0);
  });
});
