import { AppError } from '../../domain/app-error.ts';
import { isTransientCancellation } from './dynamo-error.ts';

/** With pauses of at most 50 ms × 2^n: about half a minute in the mean. */
const MAX_TRIES = 12;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5000;

/**
 * Tries again what the client itself does not: what the service has left undone, and transactions that met
 * another one or a limit.
 */
export interface Repetition {
  /** @param send gives what was left unprocessed */
  untilProcessed<Work>(work: readonly Work[], send: (work: Work[]) => Promise<Work[]>): Promise<void>;
  /** @throws the service's own error, at once where trying again cannot help */
  untilNoConflict(send: () => Promise<unknown>): Promise<void>;
}

/** @param random from 0 to 1 */
export function createRepetition(random: () => number, sleep: (ms: number) => Promise<unknown>): Repetition {
  /** Full jitter: those who were refused together do not come back together. */
  const pauseBefore = (tries: number) =>
    sleep(random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));

  return {
    async untilProcessed(work, send) {
      let left = [...work];
      for (let tries = 0; left.length > 0; tries += 1) {
        if (tries === MAX_TRIES) {
          throw new AppError('storage_unavailable', 'The database leaves requests unprocessed.');
        }
        if (tries > 0) await pauseBefore(tries);
        left = await send(left);
      }
    },

    async untilNoConflict(send) {
      for (let tries = 1; ; tries += 1) {
        try {
          await send();
          return;
        } catch (error) {
          if (!isTransientCancellation(error) || tries === MAX_TRIES) throw error;
        }
        await pauseBefore(tries);
      }
    },
  };
}

/** As much as one request holds each. */
export function chunksOf<Element>(list: readonly Element[], size: number): Element[][] {
  const chunks: Element[][] = [];
  for (let at = 0; at < list.length; at += size) chunks.push(list.slice(at, at + size));
  return chunks;
}
