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
  /** None was made for the users of an older program, of whom no list knows whether they administer. */
  readonly awaitsMigration?: boolean;
}

export interface AdministratorOptions {
  readonly password?: string | undefined;
  /** Whether the home holds users of an older program; asked only where no administrator is found. */
  readonly hasOldUsers?: (() => Promise<boolean>) | undefined;
}

/**
 * Makes the first administrator, unless the tenant `default` has one, whatever its name, or a user `admin` is there, or
 * users of an older program are: among them is the administrator, perhaps an `admin` spelled otherwise, and a second one
 * would take its name when they are upgraded. Of several processes that start at once, one creates it.
 * @throws invalid_input when `password` is too short
 */
export async function ensureAdministrator(
  ports: Pick<Ports, 'users' | 'hasher' | 'clock'>,
  options: AdministratorOptions = {},
): Promise<EnsuredAdministrator> {
  if ((await ports.users.findByName(ADMINISTRATOR)) !== null || (await hasAdministrator(ports))) {
    return { created: false };
  }
  if ((await options.hasOldUsers?.()) === true) return { created: false, awaitsMigration: true };
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
