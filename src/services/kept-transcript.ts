import { createHash } from 'node:crypto';
import type { ObjectStore } from '../domain/object-store.ts';
import { tidyLine } from '../domain/tidy-line.ts';

/** Every question that reads a record reads this too; an item of DynamoDB holds 400 KB in all. */
const MAX_INLINE_BYTES = 10_000;
const EXCERPT_LENGTH = 200;

/** The transcript itself, or where it is and how it begins. */
export type KeptTranscript =
  | { readonly transcriptText: string }
  | { readonly transcriptKey: string; readonly transcriptExcerpt: string };

/**
 * Keeps a transcript: a short one with its record, a long one in the object store, named after its content, so that a
 * second run writes the same.
 * @param objects null for a dry run, which writes nothing
 */
export async function keepTranscript(
  objects: Pick<ObjectStore, 'write'> | null,
  transcript: string,
): Promise<KeptTranscript> {
  const bytes = new TextEncoder().encode(transcript);
  if (bytes.length <= MAX_INLINE_BYTES) return { transcriptText: transcript };
  const transcriptKey = `transcripts/${createHash('sha256').update(bytes).digest('hex')}.txt`;
  await objects?.write(transcriptKey, [bytes]);
  return {
    transcriptKey,
    transcriptExcerpt: tidyLine(transcript.slice(0, 4 * EXCERPT_LENGTH), EXCERPT_LENGTH),
  };
}
