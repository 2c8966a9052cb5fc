import { isNotFound } from '../../../domain/app-error.ts';
import { spokenKey } from '../../../domain/speech-key.ts';
import { uploadKey } from '../../../domain/object-key.ts';
import type { TranscriptSegment } from '../../../domain/transcript.ts';
import { readObject } from '../../read-object.ts';
import { ingestJobOf, type SpeechJob } from '../../speech-job.ts';
import { isOwnRecord } from '../../ingest-job.ts';
import type { Ports } from '../../ports.ts';

/** The sound that a text became. */
export interface SpokenSound {
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly segments: readonly TranscriptSegment[];
  /** BCP 47, of the voice; absent for one that speaks whatever it is given. */
  readonly language?: string | undefined;
}

/** Rises when what is kept changes its shape. */
const VERSION = 1;
/** 100,000 characters in the shortest of sentences. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Kept before the sound is: where both are there, they belong together. */
export async function keepSpoken(
  { objects }: Pick<Ports, 'objects'>,
  requestId: string,
  sound: SpokenSound,
): Promise<void> {
  await objects.write(spokenKey(requestId), [Buffer.from(JSON.stringify({ version: VERSION, sound }))]);
}

/** What an earlier run of the job has spoken whole; null when it did not come so far. */
export async function findSpoken(
  ports: Pick<Ports, 'objects' | 'audioFiles' | 'log'>,
  job: SpeechJob,
): Promise<SpokenSound | null> {
  const sound = await readKept(ports, job.requestId);
  if (sound === null) return null;
  const stored = await ports.objects.find(uploadKey(job.requestId));
  if (stored?.sizeBytes === sound.sizeBytes) return sound;
  // The ingest takes the sound away when it has made the file.
  const file = await ports.audioFiles.find(job.tenantId, job.payload.filename);
  const isTakenIn = isOwnRecord(ingestJobOf(job), file) && file.state === 'ready';
  return isTakenIn && file.originalSha256 === sound.sha256 ? sound : null;
}

async function readKept(
  ports: Pick<Ports, 'objects' | 'log'>,
  requestId: string,
): Promise<SpokenSound | null> {
  try {
    const bytes = await readObject(ports.objects, spokenKey(requestId), MAX_BYTES);
    const { version, sound } = JSON.parse(bytes.toString()) as { version: number; sound: SpokenSound };
    return version === VERSION ? sound : null;
  } catch (error) {
    if (isNotFound(error)) return null;
    if (!(error instanceof SyntaxError)) throw error;
    ports.log.warn({ requestId, error }, 'what an earlier run kept cannot be read; it is spoken again');
    return null;
  }
}
