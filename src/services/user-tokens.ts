import type { JsonValue } from '../domain/request.ts';
import { isSealed, sealSecret } from './sealed-secret.ts';

/** What the predecessor kept with a user to speak to the Yoto service in its name. When the access token expires is none
 * of its secrets. */
const SECRET_ATTRIBUTES = ['yoto_access_token', 'yoto_refresh_token'] as const;

const isOpen = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !isSealed(value);

/**
 * Of the attributes that another program kept with a user, those that are secret and stand there as they are, sealed.
 * @returns only what is other than before
 */
export function sealUserTokens(
  secret: Uint8Array,
  attributes: Readonly<Record<string, unknown>>,
): Record<string, JsonValue> {
  const sealed: Record<string, JsonValue> = {};
  for (const name of SECRET_ATTRIBUTES) {
    const value = attributes[name];
    if (isOpen(value)) sealed[name] = sealSecret(secret, name, value);
  }
  return sealed;
}

/** @param findSecret asked only where there is something to seal */
export const createTokenSealer =
  (findSecret: () => Promise<Uint8Array>) =>
  async (attributes: Readonly<Record<string, unknown>>): Promise<Record<string, JsonValue>> =>
    SECRET_ATTRIBUTES.some((name) => isOpen(attributes[name]))
      ? sealUserTokens(await findSecret(), attributes)
      : {};
