import { MAX_ORDER, orderedInstant } from './request-item.ts';

/** Gives each request a time of its own, later than those before it, also within one millisecond. */
export function createRequestOrder(): (nowMs: number) => string {
  let lastMs = 0;
  let order = 0;
  return (nowMs) => {
    order = nowMs === lastMs ? Math.min(order + 1, MAX_ORDER) : 0;
    lastMs = nowMs;
    return orderedInstant(nowMs, order);
  };
}
