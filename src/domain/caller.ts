import type { PlaybackTarget, Scope } from './credentials.ts';

/** What a caller was identified by: the hash under which the session or the key is found. */
export interface Credential {
  readonly kind: 'session' | 'apiKey';
  readonly hash: string;
}

/** Who calls, as the connection or the token says; never as a body says. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
  readonly tenantId: string;
  readonly isAdmin: boolean;
  readonly scopes: readonly Scope[];
  readonly sessionId?: string | undefined;
  /** For whoever stays connected: to be asked again, since it may have been revoked. Goes into no log. */
  readonly credential?: Credential | undefined;
  /** Set for the bearer of a playback link: it opens this and nothing else. */
  readonly link?: PlaybackTarget | undefined;
}
