import { AppError } from '../domain/app-error.ts';
import { WITHOUT_TRANSCRIPT, type AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import { parseTranscriptEdit, type TranscriptEdit } from '../domain/transcript-edit.ts';
import { getRecord, refuseWhileProcessing } from './audio-files.ts';
import { authorize } from './authorize.ts';
import type { FileTranscript } from './file-transcript.ts';
import { changeTranscript, saveTranscript, type TranscriptPorts } from './save-transcript.ts';

/**
 * Replaces the transcript of a file by what a person has written.
 *
 * @param isExpected asked about the record whose transcript would be replaced; without it, it is whichever is there
 * @throws not_found; invalid_input naming the field; not_ready before there is any audio; too_large; precondition_failed when
 * it is not the expected one; conflict when its audio was replaced meanwhile
 */
export async function editTranscript(
  ports: TranscriptPorts,
  caller: Caller | null,
  filename: string,
  edit: TranscriptEdit,
  isExpected?: (current: AudioFile) => boolean,
): Promise<FileTranscript> {
  const { tenantId } = authorize(caller, 'write');
  const file = await getRecord(ports, tenantId, parseFilename(filename));
  refuseWhileProcessing(file);
  if (isExpected !== undefined && !isExpected(file)) throw isAnother();
  const edited = parseTranscriptEdit(edit, file.durationMs);
  const transcript = { ...edited, language: edited.language ?? file.transcriptLanguage };
  const saved = await saveTranscript(ports, tenantId, file.filename, transcript, {
    ifOriginalSha256: file.originalSha256,
    isExpected,
  });
  return { file: saved, transcript };
}

/** Idempotent. Its status is `disabled` from then on. @throws not_found, precondition_failed, conflict */
export async function deleteTranscript(
  ports: Pick<TranscriptPorts, 'audioFiles' | 'retired' | 'clock'>,
  caller: Caller | null,
  filename: string,
  isExpected?: (current: AudioFile) => boolean,
): Promise<AudioFile> {
  const { tenantId } = authorize(caller, 'write');
  return changeTranscript(ports, tenantId, parseFilename(filename), { isExpected }, (file) => ({
    file: { ...file, ...WITHOUT_TRANSCRIPT },
    beside: { transcriptWords: [] },
  }));
}

const isAnother = (): AppError =>
  new AppError('precondition_failed', 'The file was changed since it was read.');
