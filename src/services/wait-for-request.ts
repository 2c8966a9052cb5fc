import { AppError } from '../domain/app-error.ts';
import { isFinal, type AsyncRequest } from '../domain/request.ts';
import { pause, pauses } from './pause.ts';
import type { Ports } from './ports.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told what each look has seen. */
  readonly onLook?: (request: AsyncRequest) => void;
}

/**
 * Looks at a request until it is final or `timeoutMs` are over; with 0, once. Only the looking stops when `signal`
 * aborts: the work goes on.
 *
 * @returns the request as it was seen last
 * @throws not_found when there is none of this id (any more)
 */
export async function waitForRequest(
  ports: Pick<Ports, 'queue'>,
  requestId: string,
  timeoutMs: number,
  { signal, onLook }: WaitOptions = {},
): Promise<AsyncRequest> {
  let request = await look(ports, requestId);
  onLook?.(request);
  for (const pauseMs of pauses(timeoutMs)) {
    if (isFinal(request.status)) return request;
    if (!(await pause(pauseMs, signal))) return request;
    request = await look(ports, requestId);
    onLook?.(request);
  }
  return request;
}

async function look(ports: Pick<Ports, 'queue'>, requestId: string): Promise<AsyncRequest> {
  const request = await ports.queue.find(requestId);
  if (request === null) throw new AppError('not_found', 'There is no request of this id.');
  return request;
}
