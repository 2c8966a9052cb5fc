import type { Caller, Credential } from '../domain/caller.ts';
import { SCOPES, type Scope } from '../domain/credentials.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { User } from '../domain/user.ts';
import { isTokenOf, linkIdOf } from './link-token.ts';
import type { Ports } from './ports.ts';
import { hashSecretToken, kindOfSecretToken } from './secret-token.ts';

type AuthenticatePorts = Pick<Ports, 'sessions' | 'apiKeys' | 'users'>;

/** Whoever owns the data already, an administrator without an account: every caller when `AUTH=off`, and the operator who
 * runs a command on the machine. */
export const LOCAL_CALLER: Caller = {
  userId: 'local',
  username: 'admin',
  tenantId: DEFAULT_TENANT,
  isAdmin: true,
  scopes: SCOPES,
};

/** Whose session or API key this is; null when it is unknown, expired, or its user is gone or inactive. */
export async function authenticateToken(ports: AuthenticatePorts, token: string): Promise<Caller | null> {
  const kind = kindOfSecretToken(token);
  return kind === null ? null : authenticateCredential(ports, { kind, hash: hashSecretToken(token) });
}

/** The same, for what was identified before. */
export async function authenticateCredential(
  ports: AuthenticatePorts,
  credential: Credential,
): Promise<Caller | null> {
  if (credential.kind === 'apiKey') {
    const key = await ports.apiKeys.findByHash(credential.hash);
    return key === null ? null : callerOf(await ports.users.findById(key.userId), key.scopes, credential);
  }
  const session = await ports.sessions.findByTokenHash(credential.hash);
  if (session === null) return null;
  const user = await ports.users.findById(session.userId);
  const caller = callerOf(user, sessionScopes(user), credential);
  return caller === null ? null : { ...caller, sessionId: session.id };
}

/**
 * The bearer of a playback link; null when it is forged, revoked or expired. A link belongs to the tenant: it lives on
 * when the user who made it is gone, until somebody revokes it.
 */
export async function authenticateLink(
  ports: Pick<Ports, 'links' | 'secret'>,
  token: string,
): Promise<Caller | null> {
  const id = linkIdOf(token);
  const link = id === null ? null : await ports.links.find(id);
  if (link === null || !isTokenOf(ports.secret, link, token)) return null;
  const { kind, tenantId, name } = link;
  return {
    userId: link.createdBy,
    username: '',
    tenantId,
    isAdmin: false,
    scopes: ['play'],
    link: { kind, tenantId, name },
  };
}

/** What a login may do: all that its user may. */
export function sessionScopes(user: Pick<User, 'isAdmin'> | null): readonly Scope[] {
  return user?.isAdmin === true ? SCOPES : SCOPES.filter((scope) => scope !== 'admin');
}

function callerOf(user: User | null, scopes: readonly Scope[], credential: Credential): Caller | null {
  if (user === null || !user.isActive) return null;
  return {
    userId: user.id,
    username: user.username,
    tenantId: user.tenantId,
    isAdmin: user.isAdmin,
    scopes,
    credential,
  };
}
