import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { withAdministratorOnDemand } from './administrator-on-demand.ts';
import { logIn } from './log-in.ts';

const PASSWORD = 'correct horse battery';

function open(password: string | undefined, hasOldUsers = false) {
  const warnings: string[] = [];
  const log = {
    debug() {},
    info() {},
    warn: (_: object, message: string) => void warnings.push(message),
    error() {},
  };
  const base = createMemoryPorts();
  const options = { password, hasOldUsers: async () => hasOldUsers };
  const users = withAdministratorOnDemand({ ...base, log }, options);
  return { ports: { ...base, users }, base, warnings };
}

describe('the administrator of processes that start by themselves', () => {
  it('is made by the first who logs in under its name', async () => {
    const { ports, base } = open(PASSWORD);
    expect(await base.users.count()).toBe(0);
    const { user } = await logIn(ports, { username: 'admin', password: PASSWORD });
    expect(user).toMatchObject({ username: 'admin', isAdmin: true });
  });

  it('is one, however many log in at once', async () => {
    const { ports, base } = open(PASSWORD);
    const logins = await Promise.allSettled(
      ['admin', 'stranger', 'admin', 'admin'].map((username) =>
        logIn(ports, { username, password: PASSWORD }),
      ),
    );
    expect(logins.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await base.users.count()).toBe(1);
  });

  it('is not made without a password that its owner chose: the log says what to do, and no password', async () => {
    const { ports, base, warnings } = open(undefined);
    await expect(logIn(ports, { username: 'admin', password: PASSWORD })).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect(await base.users.count()).toBe(0);
    expect(warnings).toEqual([expect.stringContaining('ADMIN_PASSWORD')]);
  });

  it('is not made beside users of an older program', async () => {
    const { ports, base, warnings } = open(PASSWORD, true);
    await expect(logIn(ports, { username: 'admin', password: PASSWORD })).rejects.toThrow();
    expect(await base.users.count()).toBe(0);
    expect(warnings).toEqual([expect.stringContaining('migrate')]);
  });
});
