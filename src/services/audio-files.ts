import { AppError, ValidationError } from '../domain/app-error.ts';
import type { AudioFile, AudioFileMatch, AudioFileQuery } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { MAX_CHAPTERS } from '../domain/chapter.ts';
import type { Chapter } from '../domain/chapter.ts';
import { parseFilename } from '../domain/filename.ts';
import type { Page } from '../domain/page.ts';
import { parseSearch } from '../domain/search-text.ts';
import { findChaptersOf } from './audio-chapters.ts';
import { authorize } from './authorize.ts';
import { notReady } from './not-ready.ts';
import type { Ports } from './ports.ts';
import { withSpokenMatches } from './spoken-matches.ts';

/** A file with what lists leave out. */
export interface AudioFileDetails {
  readonly file: AudioFile;
  readonly chapters: readonly Chapter[];
}

/** @throws invalid_input for a name that no file can have; not_found */
export async function getAudioFile(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  filename: string,
): Promise<AudioFile> {
  const { tenantId } = authorize(caller, 'read');
  return getRecord(ports, tenantId, parseFilename(filename));
}

/** @throws invalid_input for a name that no file can have; not_found */
export async function getAudioFileDetails(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  filename: string,
): Promise<AudioFileDetails> {
  return withChapters(ports, await getAudioFile(ports, caller, filename));
}

export async function listAudioFiles(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  query: AudioFileQuery,
): Promise<Page<AudioFile>> {
  const { tenantId } = authorize(caller, 'read');
  return ports.audioFiles.list(tenantId, query);
}

/** Best first, with the place in its transcript where a file says the words. @throws invalid_input for an empty query */
export async function searchAudioFiles(
  ports: Pick<Ports, 'audioFiles' | 'transcripts' | 'log'>,
  caller: Caller | null,
  query: string,
  limit: number,
): Promise<AudioFileMatch[]> {
  const { tenantId } = authorize(caller, 'read');
  const text = query.normalize('NFC').trim();
  if (text === '') throw new ValidationError('query', 'Say what to search for.');
  const found = await ports.audioFiles.search(tenantId, text, limit);
  return withSpokenMatches(ports, found, parseSearch(text));
}

/** For use cases that have authorized their caller already. @throws not_found */
export async function getRecord(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  filename: string,
): Promise<AudioFile> {
  const file = await ports.audioFiles.find(tenantId, filename);
  if (file === null) {
    throw new AppError('not_found', `There is no file "${filename}".`, { details: { filename } });
  }
  return file;
}

/** For use cases that have authorized their caller already. */
export async function withChapters(
  ports: Pick<Ports, 'audioFiles'>,
  file: AudioFile,
): Promise<AudioFileDetails> {
  const { tenantId, filename } = file;
  const found = await findChaptersOf(ports, tenantId, [file], MAX_CHAPTERS);
  return { file, chapters: found.get(filename) ?? [] };
}

/** @throws not_ready for a file of which nothing is known yet; one that is being replaced is known as it was */
export function refuseWhileProcessing(file: AudioFile): void {
  if (file.state === 'processing' && file.part === undefined) throw notReady([file.filename]);
}
