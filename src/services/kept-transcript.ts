import { createHash } from 'node:crypto';
import type { ObjectStore } from '../domain/object-store.ts';

/** Every question that reads a record reads this too; an item of DynamoDB holds 400 KB in all. */
const MAX_INLINE_BYTES = 10_000;
const EXCERPT_LENGTH = 2000;

/** The transcript itself, or where it is and how it begins. */
export type KeptTranscript =
  { readonly transcript: string } | { readonly transcript_key: string; readonly transcript_excerpt: string };

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
  if (bytes.length <= MAX_INLINE_BYTES) return { transcript };
  const transcript_key = `transcripts/${createHash('sha256').update(bytes).digest('hex')}.txt`;
  await objects?.write(transcript_key, [bytes]);
  return { transcript_key, transcript_excerpt: transcript.slice(0, EXCERPT_LENGTH).toWellFormed() };
}
