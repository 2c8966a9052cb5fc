import { AppError, ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { ApiKey, Scope } from '../domain/credentials.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import { getOwnAccount } from './own-account.ts';
import type { Ports } from './ports.ts';
import { hashSecretToken, newSecretToken } from './secret-token.ts';

const MAX_KEYS_PER_USER = 100;

type ApiKeyPorts = Pick<Ports, 'users' | 'apiKeys' | 'clock' | 'newId'>;

/** @returns the key itself, which is shown now and never again, and its record */
export async function createApiKey(
  ports: ApiKeyPorts,
  caller: Caller | null,
  wanted: {
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly expiresAtMs?: number | undefined;
  },
): Promise<{ token: string; key: ApiKey }> {
  const user = await getOwnAccount(ports, caller);
  if (wanted.scopes.includes('admin') && !user.isAdmin) {
    throw new AppError('forbidden', 'Only administrators may make keys with the scope "admin".');
  }
  const nowMs = ports.clock();
  if (wanted.expiresAtMs !== undefined && wanted.expiresAtMs <= nowMs) {
    throw new ValidationError('expires_at', 'This time has passed.');
  }
  const { items } = await ports.apiKeys.listByUser(user.id, { limit: MAX_KEYS_PER_USER });
  if (items.length >= MAX_KEYS_PER_USER) {
    throw new AppError('conflict', `A user has at most ${MAX_KEYS_PER_USER} keys; delete one first.`);
  }
  const token = newSecretToken('apiKey');
  const key: ApiKey = {
    id: ports.newId(),
    userId: user.id,
    name: wanted.name,
    keyHash: hashSecretToken(token),
    scopes: [...new Set(wanted.scopes)],
    createdAtMs: nowMs,
    expiresAtMs: wanted.expiresAtMs,
  };
  await ports.apiKeys.create(key);
  return { token, key };
}

/** The caller's own keys, newest first. */
export async function listApiKeys(
  ports: ApiKeyPorts,
  caller: Caller | null,
  page: PageRequest,
): Promise<Page<ApiKey>> {
  const user = await getOwnAccount(ports, caller);
  return ports.apiKeys.listByUser(user.id, page);
}

/** The key opens nothing from now on. @throws not_found */
export async function deleteApiKey(ports: ApiKeyPorts, caller: Caller | null, id: string): Promise<void> {
  const user = await getOwnAccount(ports, caller);
  if (!(await ports.apiKeys.delete(user.id, id))) {
    throw new AppError('not_found', 'You have no API key of this id.');
  }
}
