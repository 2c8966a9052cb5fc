import { api } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { isLive, type PlayerState } from './player-state.ts';

/** A file or a stream, of which the server remembers where the user stopped. */
export interface Kept {
  readonly kind: 'file' | 'stream';
  readonly name: string;
}

interface Where {
  readonly kept: Kept;
  readonly positionS: number;
}

/**
 * @param state of what is loaded: what is only shown, or still looked up, is nowhere, and its 0 would be kept instead of
 * where the user was
 * @returns null where nobody goes on
 */
export const whereIn = (state: PlayerState): Where | null =>
  state.source === null || isLive(state) ? null : { kept: state.source, positionS: state.positionS };

const EVERY_MS = 10_000;
/** Nobody goes on where it has hardly begun, or is as good as over. */
const BEGUN_S = 10;
const OVER_S = 10;

/** @returns null where one begins at the beginning */
export async function findPosition({ kind, name }: Kept, durationS: number): Promise<number | null> {
  try {
    const { data } =
      kind === 'file'
        ? await api.GET('/api/audio/{filename}/position', { params: { path: { filename: name } } })
        : await api.GET('/api/streams/{name}/position', { params: { path: { name } } });
    const positionS = data?.position_s ?? 0;
    return positionS >= BEGUN_S && positionS <= durationS - OVER_S ? positionS : null;
  } catch (error) {
    // Not knowing where one was is no reason not to play.
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** Tells the server where the user is: every ten seconds, and when it is told to. */
export class PositionKeeper {
  readonly #whereIs: () => Where | null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #last = '';

  /** @param whereIs null while nothing plays that has a position */
  constructor(whereIs: () => Where | null) {
    this.#whereIs = whereIs;
    window.addEventListener('pagehide', () => this.save());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.save();
    });
  }

  /** @param isPlaying while it is not, the position does not change */
  follow(isPlaying: boolean): void {
    if (isPlaying === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = isPlaying ? setInterval(() => this.save(), EVERY_MS) : undefined;
    if (!isPlaying) this.save();
  }

  save(): void {
    const where = this.#whereIs();
    if (where === null) return;
    const { kind, name } = where.kept;
    const body = { position_s: Math.max(0, Math.round(where.positionS * 1000) / 1000) };
    const said = JSON.stringify([kind, name, body.position_s]);
    if (said === this.#last) return;
    this.#last = said;
    // The page may be gone before the answer.
    const options = { body, keepalive: true };
    const told =
      kind === 'file'
        ? api.PUT('/api/audio/{filename}/position', { params: { path: { filename: name } }, ...options })
        : api.PUT('/api/streams/{name}/position', { params: { path: { name } }, ...options });
    told.catch(() => {
      // What plays is not stopped for it; the next time it is told again.
      this.#last = '';
    });
  }
}
