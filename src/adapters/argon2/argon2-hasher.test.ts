import { describe, expect, it } from 'vitest';
import { createArgon2Hasher } from './argon2-hasher.ts';

/** Made by the reference implementation (argon2-cffi 25 and passlib 1.7, which older deployments hashed with). */
const REFERENCE = [
  {
    password: 'correct horse — Größe',
    hash: '$argon2id$v=19$m=65536,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$mnDe1r9aHr6oUixQAiWqgTk/AbT5bT20tPAEAXTfguo',
  },
  {
    password: 'pässword',
    hash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$CFdBSITT0imPfRqJP0LdvBFfF55HgNyl7i4qNtObpXw',
  },
  {
    password: 'hunter2hunter2',
    hash: '$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQxMjM0NTY3OA$XxxTUhBpOW+B72+qXHNrKg',
  },
];

describe('argon2 hasher', () => {
  const hasher = createArgon2Hasher();

  it.each(REFERENCE)(
    'verifies what the reference implementation hashed: $hash',
    async ({ password, hash }) => {
      expect(await hasher.verify(password, hash)).toBe(true);
      expect(await hasher.verify(`${password} `, hash)).toBe(false);
    },
  );

  it('writes a PHC string with the parameters OWASP asks for, salted anew each time', async () => {
    const [first, second] = await Promise.all([
      hasher.hash('secret password'),
      hasher.hash('secret password'),
    ]);
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(second).not.toBe(first);
    expect(await hasher.verify('secret password', first)).toBe(true);
    expect(await hasher.verify('Secret password', first)).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['another algorithm', '$2b$12$abcdefghijklmnopqrstuv'],
    [
      'argon2i',
      '$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$CFdBSITT0imPfRqJP0LdvBFfF55HgNyl7i4qNtObpXw',
    ],
    [
      '4 TiB',
      '$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$CFdBSITT0imPfRqJP0LdvBFfF55HgNyl7i4qNtObpXw',
    ],
    [
      'a billion passes',
      '$argon2id$v=19$m=19456,t=999999999,p=1$c2FsdHNhbHRzYWx0c2FsdA$CFdBSITT0imPfRqJP0LdvBFfF55HgNyl7i4q',
    ],
    [
      'too little memory for its lanes',
      '$argon2id$v=19$m=8,t=1,p=16$c2FsdHNhbHRzYWx0c2FsdA$CFdBSITT0imPfRqJP0LdvBFfF55HgNyl7i4q',
    ],
    ['an empty tag', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$'],
  ])('says no to a hash that is %s', async (_what, hash) => {
    expect(await hasher.verify('pässword', hash)).toBe(false);
  });
});
