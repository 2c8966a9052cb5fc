import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { Page, PageRequest } from '../domain/page.ts';
import type { AsyncRequest, RequestFilter } from '../domain/request.ts';
import { administers, authorize } from './authorize.ts';
import { getRequest } from './get-request.ts';
import type { Ports } from './ports.ts';

/**
 * The caller's requests; for an administrator, those of the tenant, of which `userId` picks a user's. Newest first.
 * @throws forbidden when somebody else picks another user's
 */
export async function listRequests(
  ports: Pick<Ports, 'queue'>,
  caller: Caller | null,
  filter: Pick<RequestFilter, 'status' | 'action' | 'userId'>,
  page: PageRequest,
): Promise<Page<AsyncRequest>> {
  const authorized = authorize(caller, 'read');
  const { tenantId, userId } = authorized;
  const isOfTenant = administers(authorized);
  const ofUser = isOfTenant ? filter.userId : userId;
  if (!isOfTenant && filter.userId !== undefined && filter.userId !== userId)
    throw new AppError('forbidden', 'The requests of others are for administrators.');
  return ports.queue.list({ ...filter, tenantId, userId: ofUser }, page);
}

/**
 * Ends a request, whoever works on it: the work stops within a second or so. Idempotent.
 * @throws not_found for requests of others too; conflict when it is COMPLETED or FAILED
 */
export async function cancelRequest(
  ports: Pick<Ports, 'queue' | 'actions' | 'log'>,
  caller: Caller | null,
  requestId: string,
): Promise<AsyncRequest> {
  const { userId } = authorize(caller, 'write');
  const { action } = await getRequest(ports, caller, requestId, 'write');
  const request = await ports.queue.cancel(requestId);
  ports.log.info({ requestId, action, userId }, 'request cancelled');
  await ports.actions.queued.get(action)?.onCancelled?.(request);
  return request;
}

/**
 * Begins a FAILED or CANCELLED request anew, with all its retries.
 * @throws not_found for requests of others too; conflict when it is neither, or what it needs is gone
 */
export async function retryRequest(
  ports: Pick<Ports, 'queue' | 'actions' | 'log' | 'wakeWorkers'>,
  caller: Caller | null,
  requestId: string,
): Promise<AsyncRequest> {
  const { userId } = authorize(caller, 'write');
  const before = await getRequest(ports, caller, requestId, 'write');
  const { action, status } = before;
  // Which of the others cannot be begun anew, the queue says: an action may prepare for it.
  if (status === 'FAILED' || status === 'CANCELLED') {
    await ports.actions.queued.get(action)?.checkRetry?.(before);
  }
  const request = await ports.queue.retry(requestId);
  ports.wakeWorkers();
  ports.log.info({ requestId, action, userId }, 'request begun anew');
  return request;
}
