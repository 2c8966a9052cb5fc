import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Ports } from './ports.ts';

/** Every tenant that has users, and `default`, which is in use before it has any: with AUTH=off there is none. */
export async function* eachTenant(
  ports: Pick<Ports, 'users'>,
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  yield DEFAULT_TENANT;
  let tenantId = await ports.users.findNextTenant(null);
  while (tenantId !== null && signal?.aborted !== true) {
    if (tenantId !== DEFAULT_TENANT) yield tenantId;
    tenantId = await ports.users.findNextTenant(tenantId);
  }
}
