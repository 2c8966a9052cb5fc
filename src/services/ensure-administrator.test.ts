import { describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { ensureAdministrator } from './ensure-administrator.ts';
import { logIn } from './log-in.ts';
import { addUser } from './users.ts';

describe('ensureAdministrator', () => {
  it('makes one with a password that is told once', async () => {
    const ports = createMemoryPorts();
    const { created, generatedPassword = '' } = await ensureAdministrator(ports);
    expect(created).toBe(true);
    expect(generatedPassword.length).toBeGreaterThanOrEqual(20);
    const { user } = await logIn(ports, { username: 'admin', password: generatedPassword });
    expect(user).toMatchObject({ isAdmin: true, isActive: true, tenantId: 'default' });
    expect(await ensureAdministrator(ports)).toEqual({ created: false });
  });

  it('takes the password that is given, and leaves one that is there', async () => {
    const ports = createMemoryPorts();
    expect(await ensureAdministrator(ports, { password: 'from the operator' })).toEqual({ created: true });
    expect(await ensureAdministrator(ports, { password: 'another one' })).toEqual({ created: false });
    await logIn(ports, { username: 'admin', password: 'from the operator' });
    await expect(ensureAdministrator(createMemoryPorts(), { password: 'short' })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('makes one, however many start at once', async () => {
    const ports = createMemoryPorts();
    const results = await Promise.all(Array.from({ length: 8 }, () => ensureAdministrator(ports)));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(await ports.users.count()).toBe(1);
  });

  it('makes none beside users of an older program, and asks for them only where there is no administrator', async () => {
    const ports = createMemoryPorts();
    let asked = 0;
    const answering = (answer: boolean) => async () => {
      asked += 1;
      return answer;
    };
    expect(await ensureAdministrator(ports, { hasOldUsers: answering(true) })).toEqual({
      created: false,
      awaitsMigration: true,
    });
    expect(await ports.users.count()).toBe(0);
    expect((await ensureAdministrator(ports, { hasOldUsers: answering(false) })).created).toBe(true);
    expect((await ensureAdministrator(ports, { hasOldUsers: answering(true) })).created).toBe(false);
    expect(asked).toBe(2);
  });

  it('is content with an administrator of another name, not with a user', async () => {
    const ports = createMemoryPorts();
    await addUser(ports, 'default', { username: 'ada', password: 'long enough', isAdmin: false });
    expect((await ensureAdministrator(ports)).created).toBe(true);
    const other = createMemoryPorts();
    await addUser(other, 'default', { username: 'root', password: 'long enough', isAdmin: true });
    expect((await ensureAdministrator(other)).created).toBe(false);
  });
});
