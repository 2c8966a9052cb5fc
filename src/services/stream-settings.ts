import { parseTitle } from '../domain/audio-details.ts';
import { ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { parsePlayMode } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import type { Persistence, StreamDefinition } from '../domain/stream.ts';

/** What may be said about a stream beside its queue; what is absent stays as it is. */
export interface StreamSettings {
  readonly playMode?: string | undefined;
  /** The predecessor's word for `loop`; a play mode that is given too decides. */
  readonly loop?: boolean | undefined;
  /** Empty takes the title away. */
  readonly title?: string | undefined;
  readonly persistence?: Persistence | undefined;
  /** Seconds from now. */
  readonly ttlS?: number | undefined;
}

export const MAX_TTL_S = 365 * 24 * 3600;

/** An empty, permanent stream that plays in order. */
export function newStream(tenantId: string, name: string, createdBy: string): StreamDefinition {
  return { tenantId, name, files: [], playMode: 'sequential', persistence: 'permanent', createdBy };
}

/**
 * The definition with the settings applied, and its time of change.
 * @throws {ValidationError} for an unknown play mode, or a `session` stream that nothing would ever end
 */
export function applySettings(
  definition: StreamDefinition,
  settings: StreamSettings,
  caller: Pick<Caller, 'sessionId'>,
  nowMs: number,
): StreamDefinition {
  return {
    ...definition,
    ...lifetimeOf(definition, settings, caller, nowMs),
    playMode: playModeOf(definition.playMode, settings),
    title: settings.title === undefined ? definition.title : parseTitle(settings.title) || undefined,
    updatedAtMs: nowMs,
  };
}

/** `loop: true` means `loop`; `loop: false` ends it, and is nothing new to the other modes. */
export function playModeOf(current: PlayMode, { playMode, loop }: StreamSettings): PlayMode {
  if (playMode !== undefined) return parsePlayMode(playMode);
  if (loop === true) return 'loop';
  return loop === false && current === 'loop' ? 'sequential' : current;
}

type Lifetime = Pick<StreamDefinition, 'persistence' | 'expiresAtMs' | 'sessionId'>;

function lifetimeOf(
  definition: StreamDefinition,
  { persistence, ttlS }: StreamSettings,
  caller: Pick<Caller, 'sessionId'>,
  nowMs: number,
): Lifetime {
  if (persistence === undefined && ttlS === undefined) return definition;
  if (persistence === 'permanent') {
    if (ttlS === undefined) return { persistence, expiresAtMs: undefined, sessionId: undefined };
    throw new ValidationError('ttl_s', 'A permanent stream has no time to live.');
  }
  // A time to live alone makes a stream temporary.
  const expiresAtMs = ttlS === undefined ? definition.expiresAtMs : nowMs + ttlS * 1000;
  const sessionId = definition.sessionId ?? caller.sessionId;
  if (expiresAtMs === undefined && sessionId === undefined) {
    throw new ValidationError('ttl_s', 'Without a login session, a session stream needs a time to live.');
  }
  return { persistence: 'session', expiresAtMs, sessionId };
}
