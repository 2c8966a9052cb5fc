/** Where a service is. Credentials that are not given are those that the SDK finds by its own rules. */
export interface ServiceOptions<Credentials> {
  readonly region: string;
  /** Of a service that speaks like AWS; AWS's own of the region unless given. */
  readonly endpoint?: string | undefined;
  readonly credentials?: Credentials | undefined;
  /** Of connections at a time; further requests wait for one. */
  readonly maxSockets?: number | undefined;
  /** How often a request is tried in all. */
  readonly maxAttempts?: number | undefined;
}

const MAX_SOCKETS = 64;
const MAX_ATTEMPTS = 5;
const CONNECTION_TIMEOUT_MS = 5_000;
/** Without a byte either way. */
const SOCKET_TIMEOUT_MS = 30_000;

/**
 * For a client whose every wait is bounded. The SDK's standard retry tries again, with jitter, what was throttled,
 * timed out or answered 5xx.
 * @param requestTimeoutMs to the head of the answer, the sending of the request included
 */
export const clientOptions = <Credentials>(
  {
    region,
    endpoint,
    credentials,
    maxSockets = MAX_SOCKETS,
    maxAttempts = MAX_ATTEMPTS,
  }: ServiceOptions<Credentials>,
  requestTimeoutMs: number,
) => ({
  region,
  maxAttempts,
  retryMode: 'standard' as const,
  requestHandler: {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: { maxSockets },
    httpsAgent: { maxSockets },
  },
  ...(endpoint !== undefined && { endpoint }),
  ...(credentials !== undefined && { credentials }),
});
