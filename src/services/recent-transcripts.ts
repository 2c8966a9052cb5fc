import type { ObjectStore } from '../domain/object-store.ts';
import type { Transcript } from '../domain/transcript.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { readTranscriptObject } from './transcript-object.ts';

/** Of one that is read: its texts, and an object for each segment. */
const BYTES_A_CHARACTER = 2;
const BYTES_A_SEGMENT = 100;

/** Transcripts as they were read, of which those that nobody asks for give way. An object never changes. */
export interface RecentTranscripts {
  /** @throws not_found; internal for a damaged one */
  read(key: string): Promise<Transcript>;
}

/** @param maxBytes a transcript of ten hours takes about one MiB; a page of results is asked for again, with a letter more */
export function createRecentTranscripts(
  objects: Pick<ObjectStore, 'read'>,
  maxBytes: number,
): RecentTranscripts {
  const cache = createBoundedCache<Transcript>(maxBytes);
  return {
    async read(key) {
      const held = cache.get(key);
      if (held !== undefined) return held;
      const transcript = await readTranscriptObject(objects, key);
      cache.set(key, transcript, weightOf(transcript));
      return transcript;
    },
  };
}

function weightOf({ segments, text = '' }: Transcript): number {
  const characters = segments.reduce((sum, segment) => sum + segment.text.length, text.length);
  return characters * BYTES_A_CHARACTER + segments.length * BYTES_A_SEGMENT;
}
