import { randomBytes } from 'node:crypto';
import { isAlreadyExists } from '../domain/app-error.ts';
import type { PageKey } from '../domain/page.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Ports } from './ports.ts';
import { addUser } from './users.ts';

const ADMINISTRATOR = 'admin';

export interface EnsuredAdministrator {
  readonly created: boolean;
  /** To be shown once, on the terminal of whoever started the program; never through the log. */
  readonly generatedPassword?: string;
}

/**
 * Makes the first administrator, unless the tenant `default` has one, whatever its name, or a user `admin` is there.
 * Of several processes that start at once, one creates it.
 * @throws invalid_input when `password` is too short
 */
export async function ensureAdministrator(
  ports: Pick<Ports, 'users' | 'hasher' | 'clock'>,
  options: { readonly password?: string | undefined } = {},
): Promise<EnsuredAdministrator> {
  if ((await ports.users.findByName(ADMINISTRATOR)) !== null || (await hasAdministrator(ports))) {
    return { created: false };
  }
  const password = options.password ?? randomBytes(15).toString('base64url');
  try {
    await addUser(ports, DEFAULT_TENANT, { username: ADMINISTRATOR, password, isAdmin: true });
  } catch (error) {
    if (isAlreadyExists(error)) return { created: false };
    throw error;
  }
  return options.password === undefined ? { created: true, generatedPassword: password } : { created: true };
}

async function hasAdministrator(ports: Pick<Ports, 'users'>): Promise<boolean> {
  let after: PageKey | undefined;
  do {
    const page = await ports.users.list(DEFAULT_TENANT, { limit: 500, after });
    if (page.items.some((user) => user.isAdmin && user.isActive)) return true;
    after = page.next;
  } while (after !== undefined);
  return false;
}
