import { AppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { StoredStream, StreamDefinition } from '../domain/stream.ts';
import { missingParts } from './lost-parts.ts';
import { notReady } from './not-ready.ts';
import { pause, pauses } from './pause.ts';
import type { Ports } from './ports.ts';
import type { PlayableEntry, ResolvedQueue, WholeQueue } from './recent-queues.ts';
import { findFiles } from './stream-files.ts';

export interface ResolveOptions {
  /** Leaves out what is missing, instead of refusing all. */
  readonly skipMissing: boolean;
  /** How long to wait for files that are still being taken in. */
  readonly waitMs: number;
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

  const entries = await waitForParts(ports, stream, options);
  const { missing, ...seen } = await ports.presence.findMissing(partsOf(entries.values()));
  for (const [filename, { part }] of entries) if (missing.has(part.key)) entries.delete(filename);
  checkMissing(stream, (filename) => !entries.has(filename), options);
  const queue = stream.files.map((filename) => entries.get(filename) ?? null);
  if (isWhole(queue)) ports.recentQueues.hold(version, stream, { entries: queue, ...seen });
  return queue;
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

const isWhole = (queue: ResolvedQueue): queue is readonly PlayableEntry[] => !queue.includes(null);

function* partsOf(entries: Iterable<PlayableEntry>) {
  for (const { part } of entries) yield part;
}

/** The files of the queue that have a part, by name. A file that is being replaced plays as it was. */
async function waitForParts(
  ports: PartPorts,
  stream: StreamDefinition,
  options: ResolveOptions,
): Promise<Map<string, PlayableEntry>> {
  const files = await findFiles(ports, stream.tenantId, stream.files);
  // What will never come is told at once, not after the wait for the others.
  checkMissing(stream, (filename) => isGone(files.get(filename)), options);
  let coming = comingOf(stream, files);
  for (const pauseMs of pauses(options.waitMs)) {
    if (coming.length === 0 || !(await pause(pauseMs, options.signal))) break;
    const seen = await findFiles(ports, stream.tenantId, coming);
    for (const filename of coming) {
      const file = seen.get(filename);
      if (file === undefined) files.delete(filename);
      else files.set(filename, file);
    }
    checkMissing(stream, (filename) => isGone(files.get(filename)), options);
    coming = comingOf(stream, files);
  }
  if (coming.length > 0) throw notReady(coming);
  const entries = new Map<string, PlayableEntry>();
  for (const [filename, file] of files) {
    if (file.part !== undefined) entries.set(filename, { file, part: file.part });
  }
  return entries;
}

const isComing = (file: AudioFile | undefined): boolean =>
  file !== undefined && file.part === undefined && file.state === 'processing';

const isGone = (file: AudioFile | undefined): boolean => file?.part === undefined && !isComing(file);

const comingOf = (stream: StreamDefinition, files: ReadonlyMap<string, AudioFile>): string[] => [
  ...new Set(stream.files.filter((filename) => isComing(files.get(filename)))),
];

/** @throws missing_part naming each, unless they may be left out and something else is there */
function checkMissing(
  stream: StreamDefinition,
  isMissing: (filename: string) => boolean,
  { skipMissing }: ResolveOptions,
): void {
  const names = new Set(stream.files);
  const missing = [...names].filter(isMissing);
  if (missing.length === 0 || (skipMissing && missing.length < names.size)) return;
  throw missingParts(missing);
}
