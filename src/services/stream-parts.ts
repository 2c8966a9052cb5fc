import { AppError } from '../domain/app-error.ts';
import type { QueuedFile } from '../domain/audio-file.ts';
import type { StoredStream, StreamDefinition } from '../domain/stream.ts';
import { missingParts } from './lost-parts.ts';
import { notReady, READY_WAIT_MS } from './not-ready.ts';
import { pause, pauses } from './pause.ts';
import type { Ports } from './ports.ts';
import type { PlayableFile, ResolvedQueue, WholeQueue } from './recent-queues.ts';
import { findFiles } from './stream-files.ts';

export interface ResolveOptions {
  /** Leaves out what is missing, instead of refusing all. */
  readonly skipMissing: boolean;
  /** How long to wait for files that are still being taken in; default 10 s. */
  readonly waitMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type PartPorts = Pick<Ports, 'audioFiles' | 'clock' | 'presence' | 'recentQueues'>;

/**
 * The parts that a queue plays, each seen to be there: all that can fail is found here, before the first byte.
 *
 * @returns an entry for each place of the queue; null where one is left out
 * @throws conflict for an empty queue; missing_part naming each file that is gone, could not be taken in, or whose
 * bytes are not in the store; not_ready when files are still being taken in after the wait
 */
export async function resolveParts(
  ports: PartPorts,
  stream: StoredStream,
  options: ResolveOptions,
): Promise<ResolvedQueue> {
  if (stream.files.length === 0) {
    throw new AppError('conflict', 'This stream is empty: put files into its queue.');
  }
  const version = await ports.audioFiles.version();
  const held = ports.recentQueues.find(version, stream);
  if (held !== undefined && (await isStillThere(ports, version, stream, held))) return held.entries;

  const queue = await waitForParts(ports, stream, options);
  const { missing, ...seen } = await ports.presence.findMissing(partsOf(queue));
  const entries = missing.size === 0 ? queue : queue.map((file) => unlessMissing(file, missing));
  if (isWhole(entries)) return ports.recentQueues.hold(version, stream, { entries, ...seen }).entries;
  checkMissing(stream, namesWhere(stream, entries, isAbsent), options);
  return entries;
}

/** The records are as they were: only the store may have lost something. */
async function isStillThere(
  ports: PartPorts,
  version: string,
  stream: StoredStream,
  { entries, presentUntilMs, timesForgotten }: WholeQueue,
): Promise<boolean> {
  if (ports.clock() < presentUntilMs && timesForgotten === ports.presence.timesForgotten) return true;
  const { missing, ...seen } = await ports.presence.findMissing(partsOf(entries));
  if (missing.size > 0) return false;
  ports.recentQueues.hold(version, stream, { entries, ...seen });
  return true;
}

const isWhole = (queue: ResolvedQueue): queue is readonly PlayableFile[] => !queue.includes(null);

function* partsOf(queue: ResolvedQueue) {
  for (const file of queue) if (file !== null) yield file.part;
}

const unlessMissing = (file: PlayableFile | null, missing: ReadonlySet<string>): PlayableFile | null =>
  file === null || missing.has(file.part.key) ? null : file;

/** The files of the queue, by place; null where one has no part. A file that is being replaced plays as it was. */
async function waitForParts(
  ports: PartPorts,
  stream: StreamDefinition,
  options: ResolveOptions,
): Promise<ResolvedQueue> {
  const files = await findFiles(ports, stream.tenantId, stream.files);
  const lookUp = () => stream.files.map((filename) => files.get(filename) ?? null);
  let queue = lookUp();
  if (queue.every(isPlayable)) return queue;
  // What will never come is told at once, not after the wait for the others.
  checkMissing(stream, namesWhere(stream, queue, isGone), options);
  let coming = namesWhere(stream, queue, isComing);
  for (const pauseMs of pauses(options.waitMs ?? READY_WAIT_MS)) {
    if (coming.length === 0 || !(await pause(pauseMs, options.signal))) break;
    const seen = await findFiles(ports, stream.tenantId, coming);
    for (const filename of coming) {
      const file = seen.get(filename);
      if (file === undefined) files.delete(filename);
      else files.set(filename, file);
    }
    queue = lookUp();
    checkMissing(stream, namesWhere(stream, queue, isGone), options);
    coming = namesWhere(stream, queue, isComing);
  }
  if (coming.length > 0) throw notReady(coming);
  return queue.map((file) => (isPlayable(file) ? file : null));
}

type Found = QueuedFile | null;

const isAbsent = (file: Found): boolean => file === null;

const isPlayable = (file: Found): file is PlayableFile => file?.part !== undefined;

const isComing = (file: Found): boolean =>
  file !== null && file.part === undefined && file.state === 'processing';

const isGone = (file: Found): boolean => !isPlayable(file) && !isComing(file);

/** Each once, in the order of the queue. */
const namesWhere = (
  stream: StreamDefinition,
  queue: readonly Found[],
  matches: (file: Found) => boolean,
): string[] => [...new Set(stream.files.filter((_, place) => matches(queue[place] ?? null)))];

/** @throws missing_part naming each, unless they may be left out and something else is there */
function checkMissing(
  stream: StreamDefinition,
  missing: readonly string[],
  { skipMissing }: ResolveOptions,
): void {
  if (missing.length === 0 || (skipMissing && missing.length < new Set(stream.files).size)) return;
  throw missingParts(missing);
}
