import type { Caller } from '../domain/caller.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, set before any handler runs; null when nobody said. Services decide what that allows. */
    caller: Caller | null;
  }

  interface FastifyContextConfig {
    /** A route that plays: `?token=` counts here, CORS is open for GET and HEAD, the general rate limit is off. */
    playback?: boolean;
    /** A route that asks for no identity: credentials are not even looked at. */
    anonymous?: boolean;
    /** A route that answers who says who they are, and who does not. All others but these answer 401 before they look
     * at anything else. */
    optionalCaller?: boolean;
    /** Its requests become WebSockets: `?ticket=` counts here, and the cookie only for pages of ours, though it is a GET. */
    webSocket?: boolean;
    /** Its body may take as long as it takes, if it keeps coming. */
    upload?: boolean;
    /**
     * What `Idempotency-Key` means for this POST. Default: the parsed body is the fingerprint. `own`: the handler calls
     * `replayIdempotent` itself. `secret`: like the default, with the stored answer encrypted. `off`: it is ignored.
     */
    idempotency?: 'own' | 'secret' | 'off';
  }
}
