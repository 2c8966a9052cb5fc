import { afterEach, beforeEach, expect } from 'vitest';
import type { Clock, NewId } from '../../src/domain/clock.ts';
import type { ClaimedRequest, NewRequest, RequestFailure, RequestQueue } from '../../src/domain/request.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenRequestQueue {
  readonly queue: RequestQueue;
  /** Another instance, on the same requests. */
  readonly openAnother: () => RequestQueue;
  readonly close?: () => Promise<void> | void;
}

export type OpenQueue = (options: {
  clock: Clock;
  newId: NewId;
}) => OpenRequestQueue | Promise<OpenRequestQueue>;

export const newRequest = (requestId: string, change: Partial<NewRequest> = {}): NewRequest => ({
  requestId,
  action: 'ingest',
  payload: {},
  userId: 'anna',
  tenantId: 'default',
  maxRetries: 3,
  ...change,
});

export const LEASE_MS = 1000;
export const FAILURE: RequestFailure = {
  code: 'storage_unavailable',
  message: 'The disk is away.',
  retryable: true,
};

export interface QueueHarness {
  readonly queue: RequestQueue;
  readonly openAnother: () => RequestQueue;
  /** What the clock says. */
  nowMs: number;
  readonly claim: () => Promise<ClaimedRequest>;
  readonly claimNothing: () => Promise<void>;
  /** Enqueues a request of the id `1` and claims it. */
  readonly begin: (change?: Partial<NewRequest>) => Promise<ClaimedRequest>;
}

/** A queue for each test, and a clock that stands still. */
export function useQueue(open: OpenQueue): QueueHarness {
  let opened: OpenRequestQueue;
  const harness: QueueHarness = {
    get queue() {
      return opened.queue;
    },
    openAnother: () => opened.openAnother(),
    nowMs: START_MS,
    async claim() {
      const [claimed] = await opened.queue.claim(['ingest'], LEASE_MS, 1);
      if (claimed === undefined) throw new Error('nothing to claim');
      return claimed;
    },
    async claimNothing() {
      expect(await opened.queue.claim(['ingest'], LEASE_MS, 10)).toEqual([]);
    },
    async begin(change = {}) {
      await opened.queue.enqueue(newRequest('1', change));
      return harness.claim();
    },
  };
  beforeEach(async () => {
    harness.nowMs = START_MS;
    let tokens = 0;
    opened = await open({ clock: () => harness.nowMs, newId: () => `token-${(tokens += 1)}` });
  });
  afterEach(() => opened.close?.());
  return harness;
}
