import { describe, expect, it } from 'vitest';
import { isSealed, openSecret, sealSecret } from './sealed-secret.ts';
import { sealUserTokens } from './user-tokens.ts';

const secret = new Uint8Array(32).fill(7);

describe('a sealed secret', () => {
  it('opens with the same secret and name, and with no other', () => {
    const sealed = sealSecret(secret, 'token', 'a secret of theirs');
    expect(sealed).toMatch(/^sealed:v1:[\w-]+$/);
    expect(sealed).not.toContain(Buffer.from('a secret').toString('base64url'));
    expect(isSealed(sealed)).toBe(true);
    expect(openSecret(secret, 'token', sealed)).toBe('a secret of theirs');
    expect(sealSecret(secret, 'token', 'a secret of theirs')).not.toBe(sealed);
    expect(() => openSecret(secret, 'other', sealed)).toThrow();
    expect(() => openSecret(new Uint8Array(32), 'token', sealed)).toThrow();
    expect(() => openSecret(secret, 'token', `${sealed.slice(0, -4)}AAAA`)).toThrow();
    expect(() => openSecret(secret, 'token', 'a secret of theirs')).toThrow('no sealed');
  });

  it('are the tokens of a user that are not sealed yet, and nothing else', () => {
    const sealed = sealUserTokens(secret, {
      yoto_access_token: 'access',
      yoto_refresh_token: null,
      email: 'e',
    });
    expect(Object.keys(sealed)).toEqual(['yoto_access_token']);
    expect(openSecret(secret, 'yoto_access_token', sealed['yoto_access_token'] as string)).toBe('access');
    expect(sealUserTokens(secret, sealed)).toEqual({});
  });
});
