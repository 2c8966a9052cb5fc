import { AppError, isAppError } from '../domain/app-error.ts';
import { checkQueueSize } from '../domain/stream.ts';
import type { StoredStream, StreamDefinition } from '../domain/stream.ts';
import { scheduleEdit } from './schedule-edit.ts';
import type { SchedulePorts } from './schedule-edit.ts';
import { pause } from './pause.ts';
import type { Ports } from './ports.ts';

/** What the caller says the revision must be (`If-Match`): whether this one will do. */
export type RevisionGuard = ((current: Pick<StoredStream, 'revision'>) => boolean) | undefined;

export interface ChangedStream {
  readonly stream: StoredStream;
  /** Whether there was none of this name before. */
  readonly created: boolean;
}

export type ChangePorts = Pick<Ports, 'streams' | 'links' | 'positions' | 'random'> & SchedulePorts;

const MAX_ATTEMPTS = 60;
const PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 120;

/**
 * Reads a definition, changes it and saves it if it is still the one that was read; else it begins anew, so that of
 * changes made at the same time none is lost. What plays without end is changed at the end of an epoch (`scheduleEdit`).
 *
 * @param change makes the new definition of the one that is there; called again after a race
 * @throws precondition_failed when the guard refuses what is there, or nothing is; too_large; conflict when others
 * keep changing it; what `change` throws
 */
export async function changeStream(
  ports: ChangePorts,
  tenantId: string,
  name: string,
  guard: RevisionGuard,
  change: (current: StoredStream | null) => StreamDefinition,
): Promise<ChangedStream> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const current = await ports.streams.find(tenantId, name);
    checkGuard(guard, current);
    const changed = change(current);
    checkQueueSize(changed.files);
    const definition = await scheduleEdit(ports, current, changed);
    // Links and positions of an earlier stream of this name, which expired, are not this one's.
    if (current === null) await forgetStream(ports, tenantId, name);
    try {
      const stream = await ports.streams.save(definition, current?.revision ?? null);
      return { stream, created: current === null };
    } catch (error) {
      if (!isAppError(error, 'precondition_failed')) throw error;
    }
    // Spread out at random, so that those who met once do not meet again.
    await pause(ports.random() * Math.min(PAUSE_MS * attempt, LONGEST_PAUSE_MS));
  }
  throw new AppError('conflict', 'Others keep changing this stream; try again.');
}

/** @throws precondition_failed */
export function checkGuard(guard: RevisionGuard, current: StoredStream | null): void {
  if (guard === undefined || (current !== null && guard(current))) return;
  throw new AppError('precondition_failed', 'The stream is not what the request names; read it again.');
}

/** What else is kept under a stream's name. */
export async function forgetStream(
  ports: Pick<Ports, 'links' | 'positions'>,
  tenantId: string,
  name: string,
): Promise<void> {
  await ports.links.deleteByTarget({ kind: 'stream', tenantId, name });
  await ports.positions.deleteByName({ kind: 'stream', tenantId, name });
}
