import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryConnectionStore } from '../adapters/memory/memory-connection-store.ts';
import { createMemorySubscriptionStore } from '../adapters/memory/memory-subscription-store.ts';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { asyncRequest, START_MS } from '../../test/sample-records.ts';
import { AppError } from '../domain/app-error.ts';
import type { PeerStates } from '../domain/peer-gateway.ts';
import { EVENT_TYPES, type EventType } from '../domain/subscription.ts';
import type { Ports } from './ports.ts';
import { shareStates, type StateSharing } from './share-states.ts';

describe('shareStates', () => {
  let nowMs: number;
  let ports: Ports;
  let sent: { readonly endpoint: string; readonly states: PeerStates }[];
  let answer: (endpoint: string) => Promise<readonly string[]>;
  let sharing: StateSharing;

  async function connect(
    connectionId: string,
    endpoint: string,
    eventTypes: readonly EventType[] = EVENT_TYPES,
  ) {
    await ports.connections.save({
      connectionId,
      userId: '1',
      tenantId: 'default',
      endpoint,
      connectedAtMs: nowMs,
      lastPingMs: nowMs,
      metadata: {},
    });
    await ports.subscriptions.subscribe({ connectionId, requestId: 'r', eventTypes, createdAtMs: nowMs });
  }
  const publish = (seq: number, change = {}) => ports.hub.publish(asyncRequest('r', { seq, ...change }));
  const seen = () =>
    sent.map(({ endpoint, states }) => [
      endpoint,
      states.requests.map(({ seq }) => seq),
      states.connectionIds.toSorted(),
    ]);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

  beforeEach(() => {
    nowMs = START_MS;
    sent = [];
    answer = async () => [];
    const clock = () => nowMs;
    ports = createMemoryPorts({
      clock,
      connections: createMemoryConnectionStore(clock),
      subscriptions: createMemorySubscriptionStore(clock),
      instanceEndpoint: () => 'http://here:1',
      peers: {
        send: (endpoint, states) => {
          sent.push({ endpoint, states });
          return answer(endpoint);
        },
      },
    });
    sharing = shareStates(ports);
  });
  afterEach(() => sharing.stop());

  it('tells each other instance once, for all of its connections, and never itself', async () => {
    await connect('a1', 'http://a:1');
    await connect('a2', 'http://a:1');
    await connect('b1', 'http://b:1');
    await connect('mine', 'http://here:1');
    ports.localConnections.add('mine');
    publish(2, { payload: { large: 'x' } });
    await settle();
    expect(seen().toSorted()).toEqual([
      ['http://a:1', [2], ['a1', 'a2']],
      ['http://b:1', [2], ['b1']],
    ]);
    expect(sent[0]?.states.requests[0]?.payload).toBeNull();
  });

  it('asks nothing of the stores for what nobody can watch yet', async () => {
    const listByRequest = vi.spyOn(ports.subscriptions, 'listByRequest');
    publish(1, { status: 'PENDING' });
    await settle();
    expect(listByRequest).not.toHaveBeenCalled();
  });

  it('folds what comes while an instance is slow, and tells the final state', async () => {
    await connect('a1', 'http://a:1');
    let free = () => {};
    answer = () => new Promise((resolve) => (free = () => resolve([])));
    publish(2);
    await settle();
    for (const seq of [3, 4, 5]) publish(seq);
    publish(6, { status: 'COMPLETED' });
    answer = async () => [];
    free();
    await settle();
    expect(seen().map(([, seqs]) => seqs)).toEqual([[2], [6]]);
  });

  it('tells the last state before it stops, which may wait for an earlier one', async () => {
    await connect('a1', 'http://a:1');
    let free = () => {};
    answer = () => new Promise((resolve) => (free = () => resolve([])));
    publish(2);
    await settle();
    publish(3, { status: 'COMPLETED' });
    const stopped = sharing.stop();
    answer = async () => [];
    free();
    await stopped;
    expect(seen().map(([, seqs]) => seqs)).toEqual([[2], [3]]);
  });

  it('tells only what a subscription is for', async () => {
    await connect('a1', 'http://a:1', ['complete', 'error']);
    publish(2);
    publish(3, { status: 'RETRYING' });
    await settle();
    expect(sent).toEqual([]);
    publish(4, { status: 'CANCELLED' });
    await settle();
    expect(seen().map(([, seqs]) => seqs)).toEqual([[4]]);
  });

  it('forgets the connections that an instance does not hold any more', async () => {
    await connect('gone', 'http://a:1');
    await connect('there', 'http://a:1');
    answer = async () => ['gone'];
    publish(2);
    await settle();
    expect(await ports.connections.find('gone')).toBeNull();
    expect(await ports.connections.find('there')).not.toBeNull();
    expect((await ports.subscriptions.listByRequest('r', { limit: 10 })).items).toHaveLength(1);
  });

  it('leaves an instance alone for a while that is not reached, and keeps its connections', async () => {
    await connect('a1', 'http://a:1');
    answer = async () => {
      throw new AppError('storage_unavailable', 'Not there.');
    };
    publish(2);
    await settle();
    publish(3);
    await settle();
    expect(sent).toHaveLength(1);
    expect(await ports.connections.find('a1')).not.toBeNull();
    nowMs += 5001;
    publish(4);
    await settle();
    expect(sent).toHaveLength(2);
  });

  it('shares an end once more for whom an index shows late, where that is asked for', async () => {
    await sharing.stop();
    sharing = shareStates(ports, { endsAgainMs: 30 });
    publish(2);
    publish(3, { status: 'COMPLETED' });
    await settle();
    expect(seen()).toEqual([]);
    await connect('late', 'http://a:1');
    await sharing.settled();
    expect(seen()).toEqual([['http://a:1', [3], ['late']]]);
  });
});
