import { AppError, isAppError } from '../domain/app-error.ts';
import { parseDescription, parseTags, parseTitle } from '../domain/audio-details.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import { getRecord, withChapters } from './audio-files.ts';
import type { AudioFileDetails } from './audio-files.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

const ATTEMPTS = 5;

/** What is absent stays as it is. */
export interface AudioChanges {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/**
 * Changes what is said about a file; its audio stays.
 *
 * @param isExpected asked about the record that would be replaced; without it, the edit is made to whichever is there
 * @throws not_found, invalid_input; precondition_failed when it is not the expected one; conflict when
 * others kept on changing the record meanwhile
 */
export async function editAudio(
  ports: Pick<Ports, 'audioFiles' | 'clock'>,
  caller: Caller | null,
  filename: string,
  changes: AudioChanges,
  isExpected?: (current: AudioFile) => boolean,
): Promise<AudioFileDetails> {
  const { tenantId } = authorize(caller, 'write');
  const name = parseFilename(filename);
  const edit = {
    ...(changes.title !== undefined && { title: parseTitle(changes.title) }),
    ...(changes.description !== undefined && { description: parseDescription(changes.description) }),
    ...(changes.tags !== undefined && { tags: parseTags(changes.tags) }),
  };
  for (let attempt = 1; ; attempt += 1) {
    const file = await getRecord(ports, tenantId, name);
    if (isExpected !== undefined && !isExpected(file)) {
      throw new AppError('precondition_failed', 'The file was changed since it was read.');
    }
    try {
      const edited = { ...file, ...edit, updatedAtMs: ports.clock() };
      return await withChapters(ports, await ports.audioFiles.save(edited, file.revision));
    } catch (error) {
      // An ingest that ends at this moment saves the record too: read it again and edit that.
      if (!isAppError(error, 'conflict') || attempt === ATTEMPTS) throw error;
    }
  }
}
