import { createHash } from 'node:crypto';
import { AppError } from '../domain/app-error.ts';
import { transcriptKey } from '../domain/object-key.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import type { Transcript } from '../domain/transcript.ts';
import { readObject } from './read-object.ts';

/** A day of speech is two megabytes: what is longer is no transcript. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What lies under `transcripts/{sha256}.json`. */
interface TranscriptObject {
  readonly version: 1;
  readonly language?: string | undefined;
  readonly source: string;
  readonly text?: string | undefined;
  readonly segments: readonly { readonly start_ms: number; readonly end_ms: number; readonly text: string }[];
}

export interface EncodedTranscript {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** The same transcript is the same object. @throws too_large past 16 MB */
export function encodeTranscript({ language, source, text, segments }: Transcript): EncodedTranscript {
  const object: TranscriptObject = {
    version: 1,
    language,
    source,
    text,
    segments: segments.map(({ startMs, endMs, text: said }) => ({
      start_ms: startMs,
      end_ms: endMs,
      text: said,
    })),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(object));
  if (bytes.length > MAX_BYTES) throw new AppError('too_large', 'The transcript is longer than 16 MB.');
  return { key: transcriptKey(createHash('sha256').update(bytes).digest('hex')), bytes };
}

/** @throws not_found; internal for an object that holds no transcript */
export async function readTranscriptObject(
  objects: Pick<ObjectStore, 'read'>,
  key: string,
  signal?: AbortSignal,
): Promise<Transcript> {
  const body = (await readObject(objects, key, MAX_BYTES, signal)).toString();
  // A long one of an older deployment is its text alone.
  if (!key.endsWith('.json')) return { segments: [], text: body, source: 'older' };
  const { language, source, text, segments } = parseObject(key, body);
  return {
    language,
    source,
    text,
    segments: segments.map(({ start_ms, end_ms, text: said }) => ({
      startMs: start_ms,
      endMs: end_ms,
      text: said,
    })),
  };
}

/** Its name is the hash of what this program wrote, so that only its damage is looked for. */
function parseObject(key: string, body: string): TranscriptObject {
  try {
    const object = JSON.parse(body) as TranscriptObject;
    if (Array.isArray(object.segments)) return object;
  } catch (error) {
    throw new AppError('internal', `The object ${key} is damaged.`, { cause: error });
  }
  throw new AppError('internal', `The object ${key} holds no transcript.`);
}
