import { describe, expect, it } from 'vitest';
import type { Caller } from '../domain/caller.ts';
import type { Scope } from '../domain/credentials.ts';
import { authorize, authorizeBearer, authorizeOperator, authorizePlayback } from './authorize.ts';

const TARGET = { kind: 'stream', name: 'bedtime' } as const;

function callerWith(scopes: readonly Scope[], more: Partial<Caller> = {}): Caller {
  return { userId: '1', username: 'u', tenantId: 'house', isAdmin: false, scopes, ...more };
}

const linkTo = (name: string) => callerWith([], { link: { kind: 'stream', tenantId: 'house', name } });

describe('authorize', () => {
  it.each<[Scope, readonly Scope[], boolean, string | null]>([
    ['read', ['read'], false, null],
    ['read', ['write'], false, 'forbidden'],
    ['write', ['admin'], false, null],
    ['admin', ['admin'], true, null],
    ['admin', ['admin'], false, 'forbidden'],
    ['admin', ['play', 'read', 'write'], true, 'forbidden'],
  ])('%s with %j, administrator: %s → %s', (permission, scopes, isAdmin, code) => {
    const attempt = () => authorize(callerWith(scopes, { isAdmin }), permission);
    if (code === null) expect(attempt().userId).toBe('1');
    else expect(attempt).toThrow(expect.objectContaining({ code }));
  });

  it('refuses nobody, and the bearer of a playback link', () => {
    expect(() => authorize(null, 'read')).toThrow(expect.objectContaining({ code: 'unauthorized' }));
    expect(() => authorize(linkTo('bedtime'), 'play')).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });
});

describe('authorizePlayback', () => {
  it.each<[string, Caller | null, boolean, string]>([
    ['nobody', null, false, 'unauthorized'],
    ['nobody, in public', null, true, 'default'],
    ['who may play', callerWith(['play']), false, 'house'],
    ['who may play, in public', callerWith(['play']), true, 'house'],
    ['who may only read', callerWith(['read']), false, 'forbidden'],
    ['who may only read, in public', callerWith(['read']), true, 'default'],
    ['its link', linkTo('bedtime'), false, 'house'],
    ['another link', linkTo('another'), false, 'not_found'],
    ['another link, in public', linkTo('another'), true, 'default'],
  ])('%s', (_who, caller, isPublic, outcome) => {
    const attempt = () => authorizePlayback(caller, TARGET, isPublic, 'default');
    if (['default', 'house'].includes(outcome)) expect(attempt()).toBe(outcome);
    else expect(attempt).toThrow(expect.objectContaining({ code: outcome }));
  });
});

describe('authorizeBearer', () => {
  it('tells what a link is for, and refuses everybody else', () => {
    expect(authorizeBearer(linkTo('bedtime'))).toEqual({ ...TARGET, tenantId: 'house' });
    for (const caller of [null, callerWith(['play', 'read', 'write', 'admin'], { isAdmin: true })]) {
      expect(() => authorizeBearer(caller)).toThrow(expect.objectContaining({ code: 'unauthorized' }));
    }
  });
});

describe('authorizeOperator', () => {
  it.each<[string, Caller | null, string | null]>([
    ['nobody', null, 'unauthorized'],
    ['a link', linkTo('bedtime'), 'forbidden'],
    ['a user', callerWith(['admin'], { tenantId: 'default' }), 'forbidden'],
    ['a key for less', callerWith(['read', 'write'], { tenantId: 'default', isAdmin: true }), 'forbidden'],
    ['an administrator of another tenant', callerWith(['admin'], { isAdmin: true }), 'forbidden'],
    ['one of the first tenant', callerWith(['admin'], { tenantId: 'default', isAdmin: true }), null],
  ])('%s', (_who, caller, code) => {
    const attempt = () => authorizeOperator(caller);
    if (code === null) expect(attempt()).toBe(caller);
    else expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});
