import { AppError } from '../../domain/app-error.ts';
import { parseStreamName } from '../../domain/stream.ts';
import { DEFAULT_TENANT, isTenantId } from '../../domain/tenant.ts';

const SUFFIX = '.json';

/**
 * Below what prefix the definitions of a tenant are, within the folder of all of them: as in the directory home, those
 * of `default` at the root, those of others in `tenants/{tenant}/`.
 *
 * @throws invalid_input
 */
export function definitionsPrefix(tenantId: string): string {
  if (!isTenantId(tenantId)) throw new AppError('invalid_input', 'This is no name of a tenant.');
  return tenantId === DEFAULT_TENANT ? '' : `tenants/${tenantId}/`;
}

/** @throws invalid_input for what is no stream name: nothing else ever becomes a key */
export const definitionKey = (tenantId: string, name: string): string =>
  `${definitionsPrefix(tenantId)}${parseStreamName(name)}${SUFFIX}`;

/** What a definition's key, without its prefix, names; null for any other key. It need not be a stream name. */
export const stemOf = (key: string): string | null =>
  key.endsWith(SUFFIX) && !key.startsWith('.') && !key.includes('/') ? key.slice(0, -SUFFIX.length) : null;

/** Where a name stands among the keys: before its extensions by name, but after `name-…` by key, as `-` < `.`. */
export const keyPlaceOf = (name: string): string => `${name}${SUFFIX}`;
