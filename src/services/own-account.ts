import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { parsePassword, type User } from '../domain/user.ts';
import { authorize } from './authorize.ts';
import { endSessionsOfUser } from './end-sessions.ts';
import type { Ports } from './ports.ts';

/**
 * The account of a caller who may change it: one who logged in, or whose API key has the scope `admin`. Lesser keys
 * must not make greater ones.
 * @throws unauthorized, forbidden; conflict with AUTH=off, where nobody has an account
 */
export async function getOwnAccount(ports: Pick<Ports, 'users'>, caller: Caller | null): Promise<User> {
  const allowed = authorize(caller, 'read');
  if (allowed.sessionId === undefined && !allowed.scopes.includes('admin')) {
    throw new AppError('forbidden', 'Log in to change your account; this API key may not.');
  }
  const user = await ports.users.findById(allowed.userId);
  if (user === null) throw new AppError('conflict', 'There are no accounts while authentication is off.');
  return user;
}

/**
 * Sets the caller's own password and ends all other sessions of the user.
 * @throws invalid_input for a wrong current password or a new one that is too short
 */
export async function changePassword(
  ports: Pick<Ports, 'users' | 'hasher' | 'sessions' | 'streams' | 'clock'>,
  caller: Caller | null,
  change: { readonly current: string; readonly new: string },
): Promise<void> {
  const user = await getOwnAccount(ports, caller);
  const password = parsePassword(change.new, 'new');
  if (!(await ports.hasher.verify(change.current, user.passwordHash))) {
    const message = 'The current password is wrong.';
    throw new AppError('invalid_input', message, { errors: [{ field: 'current', message }] });
  }
  const passwordHash = await ports.hasher.hash(password);
  await ports.users.save({ ...user, passwordHash, updatedAtMs: ports.clock() }, user.revision);
  await endSessionsOfUser(ports, user, caller?.sessionId);
}
