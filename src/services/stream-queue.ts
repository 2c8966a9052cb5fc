import { AppError, ValidationError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { checkQueueSize, parseStreamName } from '../domain/stream.ts';
import type { StoredStream, StreamDefinition } from '../domain/stream.ts';
import { authorize } from './authorize.ts';
import { changeStream } from './change-stream.ts';
import type { ChangedStream, ChangePorts, RevisionGuard } from './change-stream.ts';
import type { Ports } from './ports.ts';
import { getStoredStream, unknownStream } from './stored-stream.ts';
import { checkFilesKnown, durationOf, findFiles, parseFilenames } from './stream-files.ts';
import { applySettings, newStream } from './stream-settings.ts';
import type { StreamSettings } from './stream-settings.ts';

/** A stream as its queue is shown. */
export interface QueueView {
  readonly stream: StoredStream;
  readonly durationMs: number;
}

export interface EditedQueue extends QueueView {
  readonly created: boolean;
}

export interface QueueContent extends StreamSettings {
  readonly files: readonly string[];
}

type EditPorts = ChangePorts & Pick<Ports, 'recentQueues'>;

/** @throws not_found */
export async function getQueue(
  ports: Pick<Ports, 'streams' | 'audioFiles'>,
  caller: Caller | null,
  streamName: string,
): Promise<QueueView> {
  const { tenantId } = authorize(caller, 'read');
  return viewOf(ports, await getStoredStream(ports, tenantId, parseStreamName(streamName)));
}

/**
 * Puts files at the end of a queue, creating the stream. Of appends made at the same time none is lost.
 * @throws not_found naming each unknown file; too_large; precondition_failed; invalid_input
 */
export async function appendToQueue(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  content: QueueContent,
  guard?: RevisionGuard,
): Promise<EditedQueue> {
  return putIntoQueue(ports, caller, streamName, content, guard, (before, files) => [
    ...(before ?? []),
    ...files,
  ]);
}

/** Sets the whole queue, creating the stream. @throws as appendToQueue */
export async function replaceQueue(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  content: QueueContent,
  guard?: RevisionGuard,
): Promise<EditedQueue> {
  return putIntoQueue(ports, caller, streamName, content, guard, (_before, files) => files);
}

/** Makes a stream that there is none of. @throws already_exists; as appendToQueue */
export async function createStream(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  content: QueueContent,
): Promise<EditedQueue> {
  return putIntoQueue(ports, caller, streamName, content, undefined, (before, files) => {
    if (before === null) return files;
    throw new AppError('already_exists', `There is a stream "${streamName}" already.`);
  });
}

/** @param join makes the new queue out of the one that is there, null without a stream, and the files */
async function putIntoQueue(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  content: QueueContent,
  guard: RevisionGuard,
  join: (before: readonly string[] | null, files: readonly string[]) => readonly string[],
): Promise<EditedQueue> {
  const writer = authorize(caller, 'write');
  const { tenantId, userId } = writer;
  const name = parseStreamName(streamName);
  checkQueueSize(content.files);
  const files = parseFilenames(content.files);
  await checkFilesKnown(ports, tenantId, files);
  const changed = await changeStream(ports, tenantId, name, guard, (current) => {
    const before = current ?? newStream(tenantId, name, userId);
    const after = { ...before, files: join(current?.files ?? null, files) };
    return applySettings(withoutRevision(after), content, writer, ports.clock());
  });
  return edited(ports, changed);
}

/** Moves one entry to where another is. @throws not_found; invalid_input for an index out of range */
export async function reorderQueue(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  move: { readonly oldIndex: number; readonly newIndex: number },
  guard?: RevisionGuard,
): Promise<EditedQueue> {
  return editFiles(ports, caller, streamName, guard, (before) => {
    checkIndex(before, move.oldIndex, 'old_index');
    checkIndex(before, move.newIndex, 'new_index');
    const files = [...before];
    files.splice(move.newIndex, 0, ...files.splice(move.oldIndex, 1));
    return files;
  });
}

/** Takes one entry out. @throws not_found for an unknown stream; invalid_input for an index out of range */
export async function removeFromQueue(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  index: number,
  guard?: RevisionGuard,
): Promise<EditedQueue> {
  return editFiles(ports, caller, streamName, guard, (before) => {
    checkIndex(before, index, 'index');
    return before.toSpliced(index, 1);
  });
}

/** Takes all entries out; the stream stays. @throws not_found */
export async function emptyQueue(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  guard?: RevisionGuard,
): Promise<EditedQueue> {
  return editFiles(ports, caller, streamName, guard, () => []);
}

async function editFiles(
  ports: EditPorts,
  caller: Caller | null,
  streamName: string,
  guard: RevisionGuard,
  edit: (before: readonly string[]) => readonly string[],
): Promise<EditedQueue> {
  const { tenantId } = authorize(caller, 'write');
  const name = parseStreamName(streamName);
  const changed = await changeStream(ports, tenantId, name, guard, (current) => {
    if (current === null) throw unknownStream(name);
    return { ...withoutRevision(current), files: edit(current.files), updatedAtMs: ports.clock() };
  });
  return edited(ports, changed);
}

async function edited(ports: EditPorts, { stream, created }: ChangedStream): Promise<EditedQueue> {
  ports.recentQueues.upcoming.expect(stream);
  return { ...(await viewOf(ports, stream)), created };
}

/** For use cases that have authorized their caller already. */
export async function viewOf(ports: Pick<Ports, 'audioFiles'>, stream: StoredStream): Promise<QueueView> {
  const files = await findFiles(ports, stream.tenantId, stream.files);
  return { stream, durationMs: durationOf(stream, files) };
}

/** What is saved says nothing of the revision that was read, and of when that was stored. */
export function withoutRevision(stream: StreamDefinition & Partial<StoredStream>): StreamDefinition {
  const { revision: _read, storedAtMs: _before, ...definition } = stream;
  return definition;
}

function checkIndex(files: readonly string[], index: number, field: string): void {
  if (Number.isInteger(index) && index >= 0 && index < files.length) return;
  const range = files.length === 0 ? 'The queue is empty.' : `The queue has 0 to ${files.length - 1}.`;
  throw new ValidationError(field, range);
}
