import type { Caller } from '../domain/caller.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';

/** Who acts where nobody asked: what is dropped into the folder, since whoever may write there acts for the house. */
export const SYSTEM_CALLER: Caller = {
  userId: 'system',
  username: 'system',
  tenantId: DEFAULT_TENANT,
  isAdmin: true,
  scopes: ['admin'],
};
