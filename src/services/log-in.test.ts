import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { authenticateToken } from './authenticate.ts';
import { logIn } from './log-in.ts';
import { addUser } from './users.ts';

describe('logIn', () => {
  it('stores no token, and opens a session for as long as the policy says', async () => {
    const nowMs = 1_795_000_000_000;
    const ports = createMemoryPorts({ clock: () => nowMs, policy: { sessionTtlMs: 1000 } });
    const user = await addUser(ports, 'default', {
      username: 'Zoë',
      password: 'long enough',
      isAdmin: false,
    });
    const { token, session } = await logIn(ports, { username: 'zoe\u0308', password: 'long enough' });
    expect(session).toMatchObject({ userId: user.id, expiresAtMs: nowMs + 1000 });
    expect(JSON.stringify(session)).not.toContain(token);
    expect(await authenticateToken(ports, token)).toMatchObject({ userId: user.id, sessionId: session.id });
  });

  it('checks a hash for an unknown name too, so that it takes as long', async () => {
    const plain = createMemoryPorts();
    const checked: string[] = [];
    const hasher = {
      ...plain.hasher,
      verify: (password: string, hash: string) => {
        checked.push(hash);
        return plain.hasher.verify(password, hash);
      },
    };
    const ports = createMemoryPorts({ hasher });
    const attempt = logIn(ports, { username: 'nobody', password: 'anything' });
    await expect(attempt).rejects.toMatchObject({ code: 'unauthorized' });
    expect(checked).toEqual([expect.stringMatching(/^plain:/)]);
  });
});
