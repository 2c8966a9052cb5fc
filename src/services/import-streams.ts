import { AppError, isAppError } from '../domain/app-error.ts';
import { parseTitle } from '../domain/audio-details.ts';
import type { Caller } from '../domain/caller.ts';
import { checkQueueSize, parseStreamName } from '../domain/stream.ts';
import type { Persistence, StoredStream, StreamDefinition } from '../domain/stream.ts';
import type { StreamSchedule } from '../domain/stream-schedule.ts';
import { authorize } from './authorize.ts';
import { changeStream } from './change-stream.ts';
import type { ChangePorts } from './change-stream.ts';
import { findFiles } from './stream-files.ts';
import { withoutRevision } from './stream-queue.ts';
import { applySettings, newStream } from './stream-settings.ts';

export const IMPORT_CONFLICT_RULES = ['skip', 'replace'] as const;
export type ImportConflictRule = (typeof IMPORT_CONFLICT_RULES)[number];

/** A definition as it was exported, or as the predecessor kept it: `{name, files, loop}`. */
export interface ImportedStream {
  readonly name: string;
  readonly files: readonly string[];
  readonly loop?: boolean | undefined;
  readonly playMode?: string | undefined;
  readonly title?: string | undefined;
  readonly persistence?: Persistence | undefined;
  readonly expiresAtMs?: number | undefined;
  /** Of a new stream, how far it has come; the queues that its home kept stay there. */
  readonly schedule?: StreamSchedule | undefined;
}

export interface ImportResult {
  readonly name: string;
  readonly result: 'created' | 'replaced' | 'skipped' | 'failed';
  /** Files that the library does not have (yet); they are kept in the queue. */
  readonly missing: readonly string[];
  /** Why it failed. */
  readonly error?: AppError;
}

type ImportPorts = ChangePorts;

/**
 * Takes definitions over, one after the other; one that cannot be taken over stops none of the others. Idempotent.
 * @returns what became of each, in their order
 * @throws what concerns them all: storage_unavailable, insufficient_storage
 */
export async function importStreams(
  ports: ImportPorts,
  caller: Caller | null,
  streams: readonly ImportedStream[],
  onConflict: ImportConflictRule,
): Promise<ImportResult[]> {
  const writer = authorize(caller, 'write');
  const results: ImportResult[] = [];
  for (const imported of streams) {
    try {
      results.push(await importStream(ports, writer, imported, onConflict));
    } catch (error) {
      if (!isAppError(error) || !isOfOneStream(error)) throw error;
      results.push({ name: imported.name, result: 'failed', missing: [], error });
    }
  }
  return results;
}

const isOfOneStream = ({ code }: AppError): boolean =>
  code === 'invalid_input' || code === 'too_large' || code === 'conflict';

/** Thrown out of a change that is not to be made. */
class Skipped extends Error {}

async function importStream(
  ports: ImportPorts,
  writer: Caller,
  imported: ImportedStream,
  onConflict: ImportConflictRule,
): Promise<ImportResult> {
  const name = parseStreamName(imported.name);
  const files = imported.files.map((filename) => filename.normalize('NFC'));
  const known = await findFiles(ports, writer.tenantId, files);
  const missing = [...new Set(files)].filter((filename) => !known.has(filename));
  try {
    const { created } = await changeStream(ports, writer.tenantId, name, undefined, (current) => {
      if (current !== null && onConflict === 'skip') throw new Skipped();
      return definitionOf(ports, writer, name, { ...imported, files }, current);
    });
    return { name, result: created ? 'created' : 'replaced', missing };
  } catch (error) {
    if (error instanceof Skipped) return { name, result: 'skipped', missing };
    throw error;
  }
}

function definitionOf(
  ports: ImportPorts,
  writer: Caller,
  name: string,
  imported: ImportedStream,
  current: StoredStream | null,
): StreamDefinition {
  const { files, playMode, loop, title, persistence, expiresAtMs, schedule } = imported;
  const nowMs = ports.clock();
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw new AppError('conflict', 'This stream has expired.');
  }
  const createdBy = current?.createdBy ?? writer.userId;
  const fresh = { ...newStream(writer.tenantId, name, createdBy), files, expiresAtMs, schedule };
  return applySettings(fresh, { playMode, loop, title, persistence }, writer, nowMs);
}

export interface TakeOverOptions {
  /** Whether a stream of other content gives way. */
  readonly overwrites: boolean;
  /** Only say what would become of it. */
  readonly isDryRun: boolean;
}

export interface TakenOver {
  /** `conflict`: there is one of other content, which was left as it is. */
  readonly result: 'created' | 'replaced' | 'unchanged' | 'conflict';
  /** As of `ImportResult`. */
  readonly missing: readonly string[];
  /** What there is, or would be, when it was created or replaced. */
  readonly definition: StreamDefinition;
}

/** Whether both play the same for as long; who made them, and when, is not asked. */
export const isSameContent = (a: StreamDefinition, b: StreamDefinition): boolean =>
  contentOf(a) === contentOf(b);

const contentOf = ({
  files,
  playMode,
  title,
  persistence,
  expiresAtMs,
  sessionId,
}: StreamDefinition): string =>
  JSON.stringify([files, playMode, title ?? null, persistence, expiresAtMs ?? null, sessionId ?? null]);

/**
 * Takes over one definition as it is, into the tenant of the caller: who made it, and when, comes along, so that only
 * administrators may. Idempotent.
 *
 * @throws invalid_input; too_large; conflict for one that has expired, or that goes with a login session alone, which
 * no other home has
 */
export async function takeOverStream(
  ports: ImportPorts,
  caller: Caller | null,
  definition: StreamDefinition,
  { overwrites, isDryRun }: TakeOverOptions,
): Promise<TakenOver> {
  const { tenantId } = authorize(caller, 'admin');
  const name = parseStreamName(definition.name);
  checkQueueSize(definition.files);
  const title = parseTitle(definition.title ?? '') || undefined;
  const wanted: StreamDefinition = { ...withoutRevision(definition), tenantId, name, title };
  const known = await findFiles(ports, tenantId, wanted.files);
  const missing = [...new Set(wanted.files)].filter((filename) => !known.has(filename));
  let result: TakenOver['result'] = 'created';
  const decide = (current: StoredStream | null): boolean => {
    if (current !== null && isSameContent(current, wanted)) result = 'unchanged';
    else {
      checkLifetime(wanted, ports.clock());
      if (current === null) result = 'created';
      else result = overwrites ? 'replaced' : 'conflict';
    }
    return result === 'created' || result === 'replaced';
  };
  if (isDryRun) {
    decide(await ports.streams.find(tenantId, name));
    return { result, missing, definition: wanted };
  }
  try {
    await changeStream(ports, tenantId, name, undefined, (current) => {
      if (!decide(current)) throw new Skipped();
      return wanted;
    });
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
  }
  return { result, missing, definition: wanted };
}

function checkLifetime({ expiresAtMs, persistence }: StreamDefinition, nowMs: number): void {
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    throw new AppError('conflict', 'This stream has expired.');
  }
  if (persistence === 'session' && expiresAtMs === undefined) {
    throw new AppError('conflict', 'This stream goes with a login session of another home.');
  }
}
