import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { PlaybackTarget, Scope } from '../domain/credentials.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';

/** What a use case asks for. `admin` also asks that the user is an administrator. */
export type Permission = Scope;

/**
 * The one place where a service call is authorized.
 * @throws unauthorized without a caller; forbidden when it may not
 */
export function authorize(caller: Caller | null, permission: Permission): Caller {
  if (caller === null) throw new AppError('unauthorized', 'Log in, or send an API key.');
  const scopes = caller.scopes;
  if (caller.link !== undefined || !(scopes.includes(permission) || scopes.includes('admin'))) {
    throw new AppError('forbidden', `This needs the scope "${permission}".`);
  }
  if (permission === 'admin' && !caller.isAdmin)
    throw new AppError('forbidden', 'This is for administrators.');
  return caller;
}

/**
 * For what is of the whole service, all its tenants and the machine: an administrator of the tenant that is there from the
 * start. Those of other tenants administer their own.
 * @throws unauthorized, forbidden
 */
export function authorizeOperator(caller: Caller | null): Caller {
  const administrator = authorize(caller, 'admin');
  if (administrator.tenantId !== DEFAULT_TENANT) {
    throw new AppError('forbidden', 'This is for those who run the service.');
  }
  return administrator;
}

/** Whether what is another's in its tenant is open to it: an administrator, and not by a key for less than that. */
export const administers = ({ isAdmin, scopes }: Caller): boolean => isAdmin && scopes.includes('admin');

/**
 * May `caller` hear this? A link opens its own target; whoever may play, all of the tenant; with `isPublic`, anyone, and
 * nobody loses by saying who they are.
 * @returns the tenant whose library is played
 * @throws unauthorized, forbidden; not_found for a link to something else, which must not learn what there is
 */
export function authorizePlayback(
  caller: Caller | null,
  target: Omit<PlaybackTarget, 'tenantId'>,
  isPublic: boolean,
  publicTenantId: string,
): string {
  if (caller?.link !== undefined) {
    if (caller.link.kind === target.kind && caller.link.name === target.name) return caller.link.tenantId;
    if (isPublic) return publicTenantId;
    throw new AppError('not_found', `There is no ${target.kind} of this name.`);
  }
  const mayPlay = caller !== null && (caller.scopes.includes('play') || caller.scopes.includes('admin'));
  if (isPublic && !mayPlay) return publicTenantId;
  if (caller === null) {
    throw new AppError('unauthorized', 'This needs a playback link, a login or an API key.');
  }
  return authorize(caller, 'play').tenantId;
}

/**
 * What the bearer of a link came for; whatever else a caller may do opens nothing here.
 * @param bearer who came with the link, null when it is none
 * @throws unauthorized
 */
export function authorizeBearer(bearer: Caller | null): PlaybackTarget {
  if (bearer?.link !== undefined) return bearer.link;
  throw new AppError('unauthorized', 'This playback link is not valid any more.');
}
