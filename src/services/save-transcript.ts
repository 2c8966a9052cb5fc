import { AppError, isAppError } from '../domain/app-error.ts';
import type { AudioFile, KeptBeside, TranscriptStatus } from '../domain/audio-file.ts';
import { RETIRED_FOR_MS } from '../domain/retired-object.ts';
import { tidyLine } from '../domain/tidy-line.ts';
import { toPlainText } from '../domain/transcript-format.ts';
import type { Transcript } from '../domain/transcript.ts';
import { transcriptWords } from '../domain/transcript-words.ts';
import { getRecord } from './audio-files.ts';
import type { Ports } from './ports.ts';
import { encodeTranscript } from './transcript-object.ts';

export type TranscriptPorts = Pick<Ports, 'audioFiles' | 'objects' | 'retired' | 'clock'>;

const MAX_EXCERPT_LENGTH = 200;
/** Somebody edits the record just now: it is read again, this often. */
const MAX_SAVES = 5;

export interface SaveTranscriptOptions {
  /** Of the upload that was transcribed: a transcript of other audio is not saved. */
  readonly ifOriginalSha256?: string | undefined;
  /** The request that heard it: not saved where the record is of a later one by now, or a person has written or deleted
   * the transcript. Without it, what a request is still at is not saved any more. */
  readonly ofRequestId?: string | undefined;
  /** Asked about the record whose transcript would be replaced. */
  readonly isExpected?: ((current: AudioFile) => boolean) | undefined;
}

/**
 * Keeps the transcript of a file in the place of the one that it has: the object, what it is found by, and in the record
 * that it is there. The record is one conditional write, after which all of it is so; before it, nothing. For use cases
 * that have authorized their caller.
 *
 * @throws not_found; too_large; conflict when the file has another original or is of another request by now, or others kept
 * on changing it; precondition_failed when it is not the expected one
 */
export async function saveTranscript(
  ports: TranscriptPorts,
  tenantId: string,
  filename: string,
  transcript: Transcript,
  options: SaveTranscriptOptions = {},
): Promise<AudioFile> {
  const { objects, retired, clock } = ports;
  const { key, bytes } = encodeTranscript(transcript);
  const text = toPlainText(transcript);
  const words = transcriptWords(wordsOf(transcript));
  // Announced for the sweep before it is there, which spares what a record names by then: a crash leaves nothing for ever.
  await retired.add({ key, sweepAtMs: clock() + RETIRED_FOR_MS });
  await objects.write(key, [bytes]);
  const saved = await changeTranscript(ports, tenantId, filename, options, (file) => ({
    file: {
      ...file,
      transcriptStatus: 'completed',
      hasTranscript: true,
      transcriptKey: key,
      transcriptText: undefined,
      transcriptExcerpt: tidyLine(text.slice(0, 4 * MAX_EXCERPT_LENGTH), MAX_EXCERPT_LENGTH),
      transcriptLanguage: transcript.language,
      transcriptError: undefined,
      transcriptRequestId: options.ofRequestId,
      transcribedAtMs: clock(),
    },
    beside: { transcriptWords: words },
  }));
  // A sweep of the same content that was due at that moment may have taken it.
  if ((await objects.find(key)) === null) await objects.write(key, [bytes]);
  return saved;
}

/** Segment by segment: a day of speech is not held a second time. */
function* wordsOf({ segments, text }: Transcript): Generator<string> {
  if (text !== undefined) yield text;
  for (const segment of segments) yield segment.text;
}

export interface SetTranscriptStatusOptions {
  /** Of `failed`: why, as a sentence for the user. */
  readonly error?: string | undefined;
  /** The request that this is of from now on; without it, that of before stays. */
  readonly requestId?: string | undefined;
  /** The request that says so, where the record must still be of it. */
  readonly ofRequestId?: string | undefined;
}

/**
 * Says in the record how the transcribing goes. A transcript that is there stays, and may be read and searched. For use cases
 * that have authorized their caller.
 * @returns null when the file is gone
 * @throws conflict when the record is of another request, or others kept on changing it
 */
export async function setTranscriptStatus(
  ports: TranscriptPorts,
  tenantId: string,
  filename: string,
  status: TranscriptStatus,
  { error, requestId, ofRequestId }: SetTranscriptStatusOptions = {},
): Promise<AudioFile | null> {
  const current = await ports.audioFiles.find(tenantId, filename);
  if (current === null) return null;
  if (ofRequestId !== undefined) refuseOther(current, ofRequestId);
  const change = (file: AudioFile): AudioFile => ({
    ...file,
    transcriptStatus: status,
    transcriptError: error,
    transcriptRequestId: requestId ?? file.transcriptRequestId,
  });
  const isSo =
    current.transcriptStatus === status &&
    current.transcriptError === error &&
    (requestId === undefined || current.transcriptRequestId === requestId);
  if (isSo) return current;
  try {
    return await changeTranscript(ports, tenantId, filename, { ofRequestId }, (file) => ({
      file: change(file),
      beside: {},
    }));
  } catch (failure) {
    if (isAppError(failure, 'not_found')) return null;
    throw failure;
  }
}

/** How a request ended that leaves no transcript. One that is there from before is `completed` after a cancel. Says nothing
 * where the record is of another request by now. For use cases that have authorized their caller. */
export async function endTranscriptRequest(
  ports: TranscriptPorts,
  { tenantId, filename, requestId }: { tenantId: string; filename: string; requestId: string },
  end: { readonly status: 'cancelled' } | { readonly status: 'failed'; readonly error: string },
): Promise<void> {
  try {
    await changeTranscript(ports, tenantId, filename, { ofRequestId: requestId }, (file) => ({
      file: {
        ...file,
        transcriptStatus: end.status === 'cancelled' && file.hasTranscript ? 'completed' : end.status,
        transcriptError: end.status === 'failed' ? end.error : undefined,
      },
      beside: {},
    }));
  } catch (failure) {
    const current = await ports.audioFiles.find(tenantId, filename);
    if (current?.transcriptRequestId === requestId) throw failure;
  }
}

/** @throws conflict */
function refuseOther({ transcriptRequestId }: AudioFile, requestId: string): void {
  if (transcriptRequestId === requestId) return;
  throw new AppError(
    'conflict',
    'The transcript was edited or deleted meanwhile, or another transcription was asked for.',
  );
}

/** Changes what the record says of its transcript, whoever else changes it meanwhile; the object that it does not name any
 * more is retired, so that nobody who reads it just now is cut off. */
export async function changeTranscript(
  ports: Pick<TranscriptPorts, 'audioFiles' | 'retired' | 'clock'>,
  tenantId: string,
  filename: string,
  { ifOriginalSha256, ofRequestId, isExpected }: SaveTranscriptOptions,
  change: (file: AudioFile) => { readonly file: AudioFile; readonly beside: KeptBeside },
): Promise<AudioFile> {
  const { audioFiles, retired, clock } = ports;
  for (let saves = 1; ; saves += 1) {
    const current = await getRecord(ports, tenantId, filename);
    if (ifOriginalSha256 !== undefined && current.originalSha256 !== ifOriginalSha256) {
      throw new AppError('conflict', 'The file has other audio by now.');
    }
    if (ofRequestId !== undefined) refuseOther(current, ofRequestId);
    if (isExpected !== undefined && !isExpected(current)) {
      throw new AppError('precondition_failed', 'The file was changed since it was read.');
    }
    const { file, beside } = change(current);
    const { transcriptKey: before } = current;
    // Before the switch, so that a crash after it forgets nothing; the sweep spares what a record still names.
    if (before !== undefined && before !== file.transcriptKey) {
      await retired.add({ key: before, sweepAtMs: clock() + RETIRED_FOR_MS });
    }
    try {
      return await audioFiles.save({ ...file, updatedAtMs: clock() }, current.revision, beside);
    } catch (error) {
      if (!isAppError(error, 'conflict') || saves === MAX_SAVES) throw error;
    }
  }
}
