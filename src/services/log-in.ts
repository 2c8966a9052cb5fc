import { randomBytes } from 'node:crypto';
import { AppError } from '../domain/app-error.ts';
import type { Session } from '../domain/credentials.ts';
import type { PasswordHasher, User } from '../domain/user.ts';
import type { Ports } from './ports.ts';
import { hashSecretToken, newSecretToken } from './secret-token.ts';

export interface Login {
  /** Shown to its owner now and never again. */
  readonly token: string;
  readonly session: Session;
  readonly user: User;
}

/**
 * Opens a session.
 * @throws unauthorized, for an unknown name, a wrong password and an inactive user alike, after about the same time
 */
export async function logIn(
  ports: Pick<Ports, 'users' | 'hasher' | 'sessions' | 'clock' | 'newId' | 'policy'>,
  credentials: { readonly username: string; readonly password: string },
): Promise<Login> {
  const user = await ports.users.findByName(credentials.username.normalize('NFC'));
  const hash = user?.passwordHash ?? (await decoyHash(ports.hasher));
  const matches = await ports.hasher.verify(credentials.password, hash);
  if (user === null || !matches || !user.isActive) {
    throw new AppError('unauthorized', 'The user name or the password is wrong.');
  }
  const token = newSecretToken('session');
  const nowMs = ports.clock();
  const session: Session = {
    id: ports.newId(),
    tokenHash: hashSecretToken(token),
    userId: user.id,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + ports.policy.sessionTtlMs,
  };
  await ports.sessions.create(session);
  return { token, session, user };
}

const decoys = new WeakMap<PasswordHasher, Promise<string>>();

/** The hash of a password that nobody has, of the same cost as real ones: an unknown name must not answer faster. */
function decoyHash(hasher: PasswordHasher): Promise<string> {
  const known = decoys.get(hasher);
  if (known !== undefined) return known;
  const made = hasher.hash(randomBytes(32).toString('base64url'));
  decoys.set(hasher, made);
  made.catch(() => decoys.delete(hasher));
  return made;
}
