import { AppError, isAppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Transcript } from '../domain/transcript.ts';
import type { Ports } from './ports.ts';
import { readTranscriptObject } from './transcript-object.ts';

/** A file with what is said in it. */
export interface FileTranscript {
  readonly file: AudioFile;
  /** null where there is none (yet): the record says why. */
  readonly transcript: Transcript | null;
}

/** For use cases that have authorized their caller already. @throws not_found when its object is lost */
export async function withTranscript(
  { objects }: Pick<Ports, 'objects'>,
  file: AudioFile,
): Promise<FileTranscript> {
  try {
    const read = (key: string) => readTranscriptObject(objects, key);
    return { file, transcript: await recordedTranscript(file, read) };
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
    throw new AppError('not_found', `The transcript of "${file.filename}" is lost.`, { cause: error });
  }
}

/** null for none. */
export async function recordedTranscript(
  { transcriptKey, transcriptText, transcriptLanguage }: AudioFile,
  read: (key: string) => Promise<Transcript>,
): Promise<Transcript | null> {
  if (transcriptKey !== undefined) return read(transcriptKey);
  if (transcriptText === undefined) return null;
  return { segments: [], text: transcriptText, source: 'older', language: transcriptLanguage };
}
