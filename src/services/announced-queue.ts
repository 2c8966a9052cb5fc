import type { AsyncRequest, RequestQueue } from '../domain/request.ts';
import type { RequestHub } from './request-hub.ts';

/** The same queue, which tells the hub of every change that a subscriber may see. */
export function announceChanges(queue: RequestQueue, hub: Pick<RequestHub, 'publish'>): RequestQueue {
  const announced = async (change: Promise<AsyncRequest>): Promise<AsyncRequest> => {
    const request = await change;
    hub.publish(request);
    return request;
  };
  return {
    ...queue,
    enqueue: (request) => announced(queue.enqueue(request)),
    async claim(actions, leaseMs, limit, onGivenUp) {
      const claimed = await queue.claim(actions, leaseMs, limit, (request) => {
        hub.publish(request);
        onGivenUp?.(request);
      });
      for (const { request } of claimed) hub.publish(request);
      return claimed;
    },
    progress: (lease, progress) => announced(queue.progress(lease, progress)),
    complete: (lease, result) => announced(queue.complete(lease, result)),
    fail: (lease, failure, retryAtMs) => announced(queue.fail(lease, failure, retryAtMs)),
    release: (lease) => announced(queue.release(lease)),
    cancel: (requestId) => announced(queue.cancel(requestId)),
    retry: (requestId) => announced(queue.retry(requestId)),
    updateStatus: (requestId, from, to) => announced(queue.updateStatus(requestId, from, to)),
  };
}
