import { AppError } from '../../domain/app-error.ts';
import type { PeerGateway } from '../../domain/peer-gateway.ts';

/** Where instances tell each other of requests, below their endpoint. */
export const PEER_PATH = '/internal/request-states';
export const PEER_SIGNATURE_HEADER = 'x-earshot-signature';

export interface HttpPeerGatewayOptions {
  /** What proves that a body comes from one of us. */
  readonly sign: (body: string) => string;
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 2000;

/** Instances that reach each other by HTTP, each under the endpoint of its connections. */
export function createHttpPeerGateway({ sign, timeoutMs = TIMEOUT_MS }: HttpPeerGatewayOptions): PeerGateway {
  return {
    async send(endpoint, states) {
      const body = JSON.stringify(states);
      try {
        const response = await fetch(new URL(PEER_PATH, endpoint), {
          method: 'POST',
          headers: { 'content-type': 'application/json', [PEER_SIGNATURE_HEADER]: sign(body) },
          body,
          redirect: 'error',
          signal: AbortSignal.timeout(timeoutMs),
        });
        // Read in any case, so that the connection is used again.
        const answer = await response.text();
        if (response.ok) return (JSON.parse(answer) as { readonly gone: readonly string[] }).gone;
        throw new Error(`The instance answered ${response.status}.`);
      } catch (cause) {
        throw new AppError('storage_unavailable', 'Another instance is not reached.', { cause });
      }
    },
  };
}
