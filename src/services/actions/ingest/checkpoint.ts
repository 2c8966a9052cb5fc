import { isNotFound } from '../../../domain/app-error.ts';
import type { PlayablePart } from '../../../domain/audio-file.ts';
import type { Loudness, MediaTags } from '../../../domain/media-tool.ts';
import { checkpointKey } from '../../../domain/object-key.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';
import type { SourceDetails } from './phase-6-record.ts';
import type { StoredObjects } from './phase-5-store.ts';

/** All that the last phase needs: what was made lies in the object store. */
export interface StoredSound {
  readonly made: { readonly part: PlayablePart; readonly loudnessLufs?: number | undefined };
  readonly stored: StoredObjects;
  /** Without the cover, which is stored. */
  readonly source: SourceDetails;
}

/** What an ingest has behind it, for whoever goes on with it. */
export interface IngestCheckpoint {
  readonly loudness?: Loudness | undefined;
  readonly sound?: StoredSound | undefined;
}

/** Phases that took less are sooner done again than kept. */
const WORTH_KEEPING_MS = 2000;
/** Rises when what is kept changes its shape or its meaning; what an older program kept is then done again. */
const VERSION = 1;
const MAX_BYTES = 4 * 1024 * 1024;

interface Kept {
  readonly version: number;
  readonly sha256: string;
  readonly loudness?: Omit<Loudness, 'waveform'> & { readonly waveform: string };
  readonly sound?: StoredSound;
}

/**
 * Keeps what has been done so far, beside the upload, when it took long: a crash from here on does not cost it again. One
 * that cannot be kept is no failure of the ingest.
 * @param beganMs when the work on it began
 */
export async function keepCheckpoint(
  ports: Pick<IngestPorts, 'objects' | 'clock' | 'log'>,
  job: IngestJob,
  { loudness, sound }: IngestCheckpoint,
  beganMs: number,
): Promise<void> {
  if (ports.clock() - beganMs < WORTH_KEEPING_MS) return;
  const kept: Kept = {
    version: VERSION,
    sha256: job.payload.original_sha256,
    ...(loudness !== undefined && {
      loudness: { ...loudness, waveform: Buffer.from(loudness.waveform).toString('base64') },
    }),
    ...(sound !== undefined && {
      sound: { ...sound, source: { ...sound.source, tags: withoutCover(sound.source.tags) } },
    }),
  };
  try {
    await ports.objects.write(checkpointKey(job.requestId), [Buffer.from(JSON.stringify(kept))]);
  } catch (error) {
    const { requestId } = job;
    ports.log.warn(
      { requestId, error },
      'what was done so far could not be kept; a crash would cost it again',
    );
  }
}

/** What an earlier run of the job kept; nothing where it kept nothing, or what is there is not whole any more. */
export async function readCheckpoint(
  ports: Pick<IngestPorts, 'objects' | 'log'>,
  job: IngestJob,
): Promise<IngestCheckpoint> {
  const kept = await readKept(ports, job);
  if (kept?.version !== VERSION || kept.sha256 !== job.payload.original_sha256) return {};
  const { loudness, sound } = kept;
  return {
    loudness:
      loudness === undefined
        ? undefined
        : { ...loudness, waveform: new Uint8Array(Buffer.from(loudness.waveform, 'base64')) },
    sound: sound !== undefined && (await isStored(ports, job, sound)) ? sound : undefined,
  };
}

async function readKept(
  { objects, log }: Pick<IngestPorts, 'objects' | 'log'>,
  { requestId }: IngestJob,
): Promise<Kept | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of objects.read(checkpointKey(requestId))) {
      bytes += chunk.byteLength;
      if (bytes > MAX_BYTES) return null;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString()) as Kept;
  } catch (error) {
    if (isNotFound(error)) return null;
    if (!(error instanceof SyntaxError)) throw error;
    log.warn({ requestId, error }, 'what an earlier run kept cannot be read; it is done again');
    return null;
  }
}

/** Its sweep may have taken it away, when the earlier run was long ago. */
async function isStored(
  { objects }: Pick<IngestPorts, 'objects'>,
  job: IngestJob,
  { made: { part }, stored: { originalKey, coverKey, waveformKey } }: StoredSound,
): Promise<boolean> {
  const keys = [part.key, originalKey, waveformKey, ...(coverKey === undefined ? [] : [coverKey])];
  const [playable, original, ...others] = await objects.findMany(keys);
  return (
    playable?.sizeBytes === part.sizeBytes &&
    original?.sizeBytes === job.payload.original_size &&
    others.every((info) => info !== null)
  );
}

function withoutCover({ title, artist, album, chapters }: MediaTags): MediaTags {
  return { title, artist, album, chapters };
}
