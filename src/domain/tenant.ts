/** A library and its streams belong to a tenant; whoever has none is of this one. */
export const DEFAULT_TENANT = 'default';

/** Tenant ids become directory names and key prefixes: 1 to 40 lower-case letters, digits and inner hyphens. */
export function isTenantId(value: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/.test(value);
}
