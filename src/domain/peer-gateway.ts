import type { AsyncRequest } from './request.ts';

/** States of requests, for the connections that one instance holds. */
export interface PeerStates {
  readonly requests: readonly AsyncRequest[];
  readonly connectionIds: readonly string[];
}

/** The way to the other instances of this server. */
export interface PeerGateway {
  /**
   * Tells the instance at `endpoint` what became of requests that its clients watch.
   * @returns those of the connections that it does not hold (any more)
   * @throws storage_unavailable when it is not there, or does not take it
   */
  send(endpoint: string, states: PeerStates): Promise<readonly string[]>;
}
