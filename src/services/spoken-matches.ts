import { isAppError } from '../domain/app-error.ts';
import type { AudioFileMatch } from '../domain/audio-file.ts';
import { mapBounded } from '../domain/map-bounded.ts';
import { findInTranscript } from '../domain/transcript-search.ts';
import { recordedTranscript } from './file-transcript.ts';
import type { Ports } from './ports.ts';

const READS_AT_ONCE = 8;

/**
 * Adds to files that were found where their transcripts say the words. One that cannot be read is left out: what was found
 * is found.
 */
export function withSpokenMatches(
  { transcripts, log }: Pick<Ports, 'transcripts' | 'log'>,
  found: readonly AudioFileMatch[],
  words: readonly string[],
): Promise<AudioFileMatch[]> {
  return mapBounded(found, READS_AT_ONCE, async ({ file, matches }) => {
    try {
      const transcript = await recordedTranscript(file, (key) => transcripts.read(key));
      const spoken = transcript === null ? null : findInTranscript(transcript, words);
      return { file, matches: spoken === null ? matches : [...matches, spoken] };
    } catch (error) {
      // Lost, or damaged. A store that does not answer at all is another matter.
      if (!isAppError(error, 'not_found') && !isAppError(error, 'internal')) throw error;
      log.warn(
        { err: error, filename: file.filename, tenantId: file.tenantId },
        'a transcript cannot be read',
      );
      return { file, matches };
    }
  });
}
