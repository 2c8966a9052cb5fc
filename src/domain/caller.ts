import type { PlaybackTarget, Scope } from './credentials.ts';

/** Who calls, as the connection or the token says; never as a body says. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
  readonly tenantId: string;
  readonly isAdmin: boolean;
  readonly scopes: readonly Scope[];
  readonly sessionId?: string | undefined;
  /** Set for the bearer of a playback link: it opens this and nothing else. */
  readonly link?: PlaybackTarget | undefined;
}
