import { ValidationError } from './app-error.ts';
import type { Page, PageRequest } from './page.ts';

export interface User {
  /** Milliseconds of its creation, made unique; a decimal number. */
  readonly id: string;
  readonly tenantId: string;
  /** As typed; unique without regard to case, over all tenants. */
  readonly username: string;
  readonly email?: string | undefined;
  /** argon2id as a PHC string. */
  readonly passwordHash: string;
  readonly isAdmin: boolean;
  readonly isActive: boolean;
  readonly revision: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What makes a user name unique, and sorts it. */
export const usernameKey = (username: string): string => username.normalize('NFC').toLowerCase();

export interface UserStore {
  findByName(username: string): Promise<User | null>;
  findById(id: string): Promise<User | null>;
  /** By lower-case name. */
  list(tenantId: string, page: PageRequest): Promise<Page<User>>;
  count(): Promise<number>;
  /** For work that goes over all tenants: the next by name that has a user, the first for null. */
  findNextTenant(afterId: string | null): Promise<string | null>;
  /** The id is the store's: `createdAtMs`, raised until it is free. @throws already_exists when the name is taken */
  create(user: Omit<User, 'id' | 'revision'>): Promise<User>;
  /** @throws not_found; conflict when the revision is another; already_exists when a new name is taken; conflict when
   * it would take the tenant its last active administrator */
  save(user: User, ifRevision: number): Promise<User>;
  /** Idempotent. @throws conflict when it would take the tenant its last active administrator */
  delete(id: string): Promise<void>;
}

/** Hashes with argon2id; takes the parameters of a check from the PHC string. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** False for a wrong password and for a hash that cannot be read. Takes as long either way where it can. */
  verify(password: string, hash: string): Promise<boolean>;
}

/** 1 to 64 letters, digits, `.`, `-`, `_`, `@`, `+`. @throws {ValidationError} */
export function parseUsername(value: string): string {
  if (!/^[\p{L}\p{N}._@+-]{1,64}$/u.test(value)) {
    throw new ValidationError(
      'username',
      'A user name has 1 to 64 letters, digits, ".", "-", "_", "@" or "+".',
    );
  }
  return value.normalize('NFC');
}

/** At least 8 characters, at most 1,024 bytes of UTF-16. @throws {ValidationError} */
export function parsePassword(value: string, field = 'password'): string {
  if (value.length < 8) throw new ValidationError(field, 'A password has at least 8 characters.');
  if (value.length > 512) throw new ValidationError(field, 'A password has at most 512 characters.');
  return value;
}
