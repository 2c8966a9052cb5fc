import type { Log } from '../domain/log.ts';
import type { UserStore } from '../domain/user.ts';
import { ensureAdministrator } from './ensure-administrator.ts';
import type { Ports } from './ports.ts';

export interface OnDemandOptions {
  /** Of the first administrator. Without one, none is made: nobody sees the terminal of a process that starts by itself,
   * and a password must not go anywhere else. */
  readonly password: string | undefined;
  readonly hasOldUsers: () => Promise<boolean>;
}

/**
 * The store of users, which makes the first administrator when somebody logs in by a name that nobody has: for processes
 * that start so often that none of them should ask for it before it answers.
 */
export function withAdministratorOnDemand(
  ports: Pick<Ports, 'users' | 'hasher' | 'clock'> & { readonly log: Log },
  { password, hasOldUsers }: OnDemandOptions,
): UserStore {
  const { users, log } = ports;
  let ensured: Promise<void> | undefined;
  let isEnsured = false;

  async function ensure(): Promise<void> {
    if (password === undefined) {
      isEnsured = true;
      log.warn({}, 'no administrator is made without ADMIN_PASSWORD: put it into the secret store');
      return;
    }
    const made = await ensureAdministrator(ports, { password, hasOldUsers });
    isEnsured = true;
    if (made.created) log.info({}, 'the administrator is made, with ADMIN_PASSWORD');
    if (made.awaitsMigration === true) {
      log.warn({}, 'no administrator was made: users of an older deployment wait for npx earshot migrate');
    }
  }

  return {
    ...users,
    async findByName(username) {
      const found = await users.findByName(username);
      if (found !== null || isEnsured) return found;
      ensured ??= ensure().finally(() => (ensured = undefined));
      await ensured;
      return users.findByName(username);
    },
  };
}
