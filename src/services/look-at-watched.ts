import type { Ports } from './ports.ts';
import { repeatWork, type RepeatedWork } from './repeated-work.ts';

const REQUESTS_A_LOOK = 100;

/**
 * Looks now and then at the requests that clients of this instance watch, and tells them what they have not heard:
 * what other processes on the same database did, and what another instance could not pass on.
 */
export function startLooks(
  ports: Pick<Ports, 'queue' | 'hub' | 'log'>,
  { intervalMs }: { readonly intervalMs: number },
): RepeatedWork {
  const options = { name: 'looking at watched requests', intervalMs, afterFailureMs: intervalMs };
  return repeatWork(ports, options, async (signal) => {
    const ids = ports.hub.watched();
    for (let at = 0; at < ids.length && !signal.aborted; at += REQUESTS_A_LOOK) {
      const requests = await ports.queue.findMany(ids.slice(at, at + REQUESTS_A_LOOK));
      for (const request of requests) ports.hub.receive(request);
    }
  });
}
