import type { Caller } from '../domain/caller.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

/** Who the caller is, and by what: a login, an API key, or being on this machine with `AUTH=off`. */
export interface CallerDescription {
  readonly caller: Caller;
  readonly kind: 'session' | 'api_key' | 'local';
}

/** @throws unauthorized, forbidden */
export function describeCaller(ports: Pick<Ports, 'policy'>, caller: Caller | null): CallerDescription {
  const known = authorize(caller, 'read');
  if (ports.policy.auth === 'off') return { caller: known, kind: 'local' };
  return { caller: known, kind: known.sessionId === undefined ? 'api_key' : 'session' };
}
