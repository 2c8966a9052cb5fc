import type { Page, PageRequest } from './page.ts';

/** What a session or an API key may do; each includes nothing but itself, except `admin`, which includes all. */
export const SCOPES = ['play', 'read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** A login. The token is never stored, its SHA-256 is. */
export interface Session {
  /** Not secret: names the session in logs and in session streams. */
  readonly id: string;
  readonly tokenHash: string;
  readonly userId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Expired ones count as gone before they are deleted. Never served from a cache. */
export interface SessionStore {
  findByTokenHash(tokenHash: string): Promise<Session | null>;
  create(session: Session): Promise<void>;
  /** Idempotent. */
  delete(id: string): Promise<void>;
  /** Ends every session of the user but `exceptId`. @returns the ids that were ended */
  deleteByUser(userId: string, exceptId?: string): Promise<string[]>;
  /** For the sweep, which deletes what goes with a session before the session: those that expired first. */
  listExpired(nowMs: number, limit: number): Promise<Session[]>;
}

export interface ApiKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly keyHash: string;
  readonly scopes: readonly Scope[];
  readonly createdAtMs: number;
  readonly expiresAtMs?: number | undefined;
}

/** Expired ones count as gone. */
export interface ApiKeyStore {
  findByHash(keyHash: string): Promise<ApiKey | null>;
  /** Newest first. */
  listByUser(userId: string, page: PageRequest): Promise<Page<ApiKey>>;
  create(key: ApiKey): Promise<void>;
  /** Idempotent; only a key of this user. @returns whether one was there */
  delete(userId: string, id: string): Promise<boolean>;
  deleteByUser(userId: string): Promise<void>;
  /** For the sweep. @returns how many there were, at most `limit` */
  deleteExpired(nowMs: number, limit: number): Promise<number>;
}

/** What a playback link opens: one file or one stream. */
export interface PlaybackTarget {
  readonly kind: 'file' | 'stream';
  readonly tenantId: string;
  readonly name: string;
}

export interface PlaybackLink extends PlaybackTarget {
  readonly id: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs?: number | undefined;
}

/** Expired ones count as gone. */
export interface PlaybackLinkStore {
  find(id: string): Promise<PlaybackLink | null>;
  /** Newest first. */
  listByTarget(target: PlaybackTarget, page: PageRequest): Promise<Page<PlaybackLink>>;
  create(link: PlaybackLink): Promise<void>;
  /** Idempotent; only a link of this target. @returns whether one was there */
  delete(target: PlaybackTarget, id: string): Promise<boolean>;
  /** For a target that is deleted: a later one of the same name is not opened by its links. */
  deleteByTarget(target: PlaybackTarget): Promise<void>;
  /** For the sweep. @returns how many there were, at most `limit` */
  deleteExpired(nowMs: number, limit: number): Promise<number>;
}
