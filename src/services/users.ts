import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import { parsePassword, parseUsername, type User } from '../domain/user.ts';
import { authorize } from './authorize.ts';
import { endSessionsOfUser } from './end-sessions.ts';
import type { Ports } from './ports.ts';

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly isAdmin: boolean;
}

export interface UserChange {
  readonly password?: string | undefined;
  /** null removes it. */
  readonly email?: string | null | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly isActive?: boolean | undefined;
}

/** The users of the caller's tenant. For administrators, as all here. */
export async function listUsers(
  ports: Pick<Ports, 'users'>,
  caller: Caller | null,
  page: PageRequest,
): Promise<Page<User>> {
  const { tenantId } = authorize(caller, 'admin');
  return ports.users.list(tenantId, page);
}

/** A user of the caller's own tenant. @throws invalid_input, already_exists */
export async function createUser(
  ports: Pick<Ports, 'users' | 'hasher' | 'clock'>,
  caller: Caller | null,
  wanted: NewUser,
): Promise<User> {
  const { tenantId } = authorize(caller, 'admin');
  return addUser(ports, tenantId, wanted);
}

/** For the operator, who stands outside of every tenant: the command line and the first start. */
export async function addUser(
  ports: Pick<Ports, 'users' | 'hasher' | 'clock'>,
  tenantId: string,
  wanted: NewUser,
): Promise<User> {
  const username = parseUsername(wanted.username);
  const passwordHash = await ports.hasher.hash(parsePassword(wanted.password));
  const nowMs = ports.clock();
  return ports.users.create({
    tenantId,
    username,
    email: wanted.email,
    passwordHash,
    isAdmin: wanted.isAdmin,
    isActive: true,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  });
}

/**
 * A new password and a deactivation end all sessions of the user.
 * @throws not_found for a user of another tenant too; conflict for the last active administrator
 */
export async function changeUser(
  ports: Pick<Ports, 'users' | 'hasher' | 'sessions' | 'streams' | 'clock'>,
  caller: Caller | null,
  id: string,
  change: UserChange,
): Promise<User> {
  const admin = authorize(caller, 'admin');
  const user = await getUserOfTenant(ports, admin.tenantId, id);
  const password = change.password === undefined ? undefined : parsePassword(change.password);
  const saved = await ports.users.save(
    {
      ...user,
      passwordHash: password === undefined ? user.passwordHash : await ports.hasher.hash(password),
      email: change.email === undefined ? user.email : (change.email ?? undefined),
      isAdmin: change.isAdmin ?? user.isAdmin,
      isActive: change.isActive ?? user.isActive,
      updatedAtMs: ports.clock(),
    },
    user.revision,
  );
  if (password !== undefined || !saved.isActive) {
    const ownSession = admin.userId === user.id && saved.isActive ? admin.sessionId : undefined;
    await endSessionsOfUser(ports, user, ownSession);
  }
  return saved;
}

/**
 * Removes a user with all that is only theirs: sessions, keys, positions. What they added to the library stays.
 * @throws not_found; conflict for the last active administrator
 */
export async function deleteUser(
  ports: Pick<Ports, 'users' | 'sessions' | 'streams' | 'apiKeys' | 'positions'>,
  caller: Caller | null,
  id: string,
): Promise<void> {
  const { tenantId } = authorize(caller, 'admin');
  const user = await getUserOfTenant(ports, tenantId, id);
  await ports.users.delete(id);
  await endSessionsOfUser(ports, user);
  await ports.apiKeys.deleteByUser(id);
  await ports.positions.deleteByUser(id);
}

async function getUserOfTenant(ports: Pick<Ports, 'users'>, tenantId: string, id: string): Promise<User> {
  const user = await ports.users.findById(id);
  if (user === null || user.tenantId !== tenantId) throw new AppError('not_found', 'There is no such user.');
  return user;
}
