import { createEndless } from '../audio/endless.ts';
import { findHeldChunks } from '../audio/held-chunks.ts';
import type { StreamPlan } from '../audio/stream-plan.ts';
import { findHeldOfPlan } from '../audio/stream-reader.ts';
import { AppError, ValidationError } from '../domain/app-error.ts';
import type { AudioFile, PlayablePart } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { getRecord } from './audio-files.ts';
import { authorizePlayback } from './authorize.ts';
import { fromSecondOn, missingParts, namingLost } from './lost-parts.ts';
import { notReady, READY_WAIT_MS } from './not-ready.ts';
import { pause, pauses } from './pause.ts';
import type { Ports } from './ports.ts';
import { planFrom, readFinite, type SourcePorts } from './stream-source.ts';

/** Bytes that are there, whole, and ready to be sent in any range. */
export interface FilePlayback {
  readonly file: AudioFile;
  /** Of the object that has just these bytes; null where there is none. */
  readonly objectKey: string | null;
  /** What is read of it, where it is no object of the store. */
  readonly plan?: StreamPlan | undefined;
  readonly sizeBytes: number;
  /** Strong, without its quotes: names exactly these bytes. */
  readonly etag: string;
  readonly modifiedAtMs: number;
  read(range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** What of `read`'s bytes is in memory, from the first on as far as that goes; `enoughBytes` are enough. */
  findHeld(range: ByteRange, enoughBytes: number): Uint8Array[];
}

export interface PlayFileOptions {
  /** The file as it was uploaded, instead of the playable MP3. */
  readonly original: boolean;
  /** Where in the playable MP3 it starts, rounded down to a frame; what begins there is an MP3 of its own. */
  readonly fromMs?: number;
  readonly waitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export type PlayFilePorts = Pick<Ports, 'audioFiles' | 'presence'> & SourcePorts;

/**
 * Opens one file for listening. All that can fail is found here, before the first byte. A file that is still being
 * taken in is waited for.
 *
 * @throws invalid_input; not_found; not_ready after 10 s; conflict when it could not be taken in; missing_part when the record is
 * there and its bytes are not
 */
export async function playFile(
  ports: PlayFilePorts & Pick<Ports, 'policy'>,
  caller: Caller | null,
  filename: string,
  options: PlayFileOptions,
): Promise<FilePlayback> {
  const name = parseFilename(filename);
  const isPublic = ports.policy.playback === 'public';
  const tenantId = authorizePlayback(caller, { kind: 'file', name }, isPublic, DEFAULT_TENANT);
  return openFile(ports, tenantId, name, options);
}

/** For use cases that have authorized their caller already. @throws as playFile */
export async function openFile(
  ports: PlayFilePorts,
  tenantId: string,
  name: string,
  options: PlayFileOptions,
): Promise<FilePlayback> {
  const { fromMs = 0 } = options;
  if (options.original && fromMs > 0) throw new ValidationError('from', 'The original plays from its start.');
  const { file, part } = await waitUntilPlayable(ports, tenantId, name, options);
  const modifiedAtMs = file.updatedAtMs;
  const named = (key: string, sizeBytes: number, chunks: AsyncIterable<Uint8Array>) =>
    namingLost(ports, () => [{ filename: file.filename, key, sizeBytes }], chunks);
  if (!options.original) {
    await checkObject(ports, file, part.key, part.sizeBytes);
    if (fromMs > 0) {
      const playback = await playFrom(ports, part, fromMs, options.signal);
      const read: FilePlayback['read'] = (range, signal) =>
        named(part.key, part.sizeBytes, fromSecondOn(playback.read(range, signal)));
      return { file, objectKey: null, modifiedAtMs, ...playback, read };
    }
    return {
      file,
      objectKey: part.key,
      sizeBytes: part.sizeBytes,
      etag: part.sha256,
      modifiedAtMs,
      read: (range, signal) => named(part.key, part.sizeBytes, ports.pieces.read(part, range, signal)),
      findHeld: (range, enoughBytes) => findHeldChunks(ports.pieces, part, range, enoughBytes),
    };
  }
  const originalKey = file.originalKey;
  if (originalKey === undefined) throw missing(file);
  await checkObject(ports, file, originalKey, file.originalSizeBytes);
  return {
    file,
    objectKey: originalKey,
    sizeBytes: file.originalSizeBytes,
    etag: `original-${file.originalSha256}`,
    modifiedAtMs,
    // Not through the cache of pieces: originals are large, rarely asked for, and would push out what is listened to.
    read: (range, signal) =>
      named(originalKey, file.originalSizeBytes, ports.objects.read(originalKey, range, signal)),
    findHeld: () => [],
  };
}

async function playFrom(
  ports: SourcePorts,
  part: PlayablePart,
  fromMs: number,
  gone = new AbortController().signal,
): Promise<Pick<FilePlayback, 'plan' | 'sizeBytes' | 'etag' | 'read' | 'findHeld'>> {
  const plan = await planFrom(ports, createEndless([part], 'sequential', 0), { fromMs, signal: gone });
  return {
    plan,
    sizeBytes: plan.totalBytes,
    etag: plan.etag,
    read: (range, signal = gone) => readFinite(ports, plan, range, signal),
    findHeld: (range, enoughBytes) => findHeldOfPlan(plan, range, ports.pieces, enoughBytes),
  };
}

async function waitUntilPlayable(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  name: string,
  options: PlayFileOptions,
): Promise<{ file: AudioFile; part: PlayablePart }> {
  let file = await getRecord(ports, tenantId, name);
  for (const pauseMs of pauses(options.waitMs ?? READY_WAIT_MS)) {
    // A file that is being replaced plays as it was.
    if (file.part !== undefined || file.state !== 'processing') break;
    if (!(await pause(pauseMs, options.signal))) break;
    file = await getRecord(ports, tenantId, name);
  }
  if (file.part !== undefined) return { file, part: file.part };
  if (file.state === 'failed') {
    throw new AppError('conflict', file.error ?? `"${name}" could not be taken in.`, {
      details: { filename: name },
    });
  }
  throw notReady([name]);
}

async function checkObject(
  ports: Pick<Ports, 'objects'>,
  file: AudioFile,
  key: string,
  sizeBytes: number,
): Promise<void> {
  const object = await ports.objects.find(key);
  if (object?.sizeBytes !== sizeBytes) throw missing(file);
}

const missing = (file: AudioFile): AppError => missingParts([file.filename]);
