import { AppError, ValidationError } from '../domain/app-error.ts';
import type { AudioFile, AudioFileMatch, AudioFileQuery } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import type { Page } from '../domain/page.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

/** @throws invalid_input for a name that no file can have; not_found */
export async function getAudioFile(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  filename: string,
): Promise<AudioFile> {
  const { tenantId } = authorize(caller, 'read');
  return getRecord(ports, tenantId, parseFilename(filename));
}

export async function listAudioFiles(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  query: AudioFileQuery,
): Promise<Page<AudioFile>> {
  const { tenantId } = authorize(caller, 'read');
  return ports.audioFiles.list(tenantId, query);
}

/** Best first. @throws invalid_input for an empty query */
export async function searchAudioFiles(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  query: string,
  limit: number,
): Promise<AudioFileMatch[]> {
  const { tenantId } = authorize(caller, 'read');
  const text = query.normalize('NFC').trim();
  if (text === '') throw new ValidationError('query', 'Say what to search for.');
  return ports.audioFiles.search(tenantId, text, limit);
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
