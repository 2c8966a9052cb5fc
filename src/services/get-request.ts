import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { AsyncRequest } from '../domain/request.ts';
import { administers, authorize, type Permission } from './authorize.ts';
import type { Ports } from './ports.ts';

/** A request of the caller; for an administrator, any of the tenant. @throws not_found for all others alike */
export async function getRequest(
  ports: Pick<Ports, 'queue'>,
  caller: Caller | null,
  requestId: string,
  permission: Permission = 'read',
): Promise<AsyncRequest> {
  const authorized = authorize(caller, permission);
  const { tenantId, userId } = authorized;
  const request = await ports.queue.find(requestId);
  const isOpen = request?.tenantId === tenantId && (request.userId === userId || administers(authorized));
  if (request === null || !isOpen) {
    throw new AppError('not_found', 'There is no such request.');
  }
  return request;
}
