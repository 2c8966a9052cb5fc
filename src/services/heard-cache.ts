import { createHash } from 'node:crypto';
import type { SpeechToText } from '../domain/speech-to-text.ts';
import type { Transcript } from '../domain/transcript.ts';
import type { Ports } from './ports.ts';
import { encodeTranscript, readTranscriptObject } from './transcript-object.ts';

/** What engines have heard in recordings of the library, for a time: the same need not be heard, and paid for, twice. */
export const HEARD_PREFIX = 'heard/';

export interface HeardKey {
  readonly tenantId: string;
  readonly originalSha256: string;
  readonly engine: SpeechToText;
  readonly language: string | undefined;
}

type CachePorts = Pick<Ports, 'objects' | 'policy' | 'clock' | 'log'>;

/** @returns null for what nobody has heard lately, or what cannot be read */
export async function findHeard(
  ports: CachePorts,
  key: HeardKey,
  signal: AbortSignal,
): Promise<Transcript | null> {
  const { cacheTtlMs } = ports.policy.speech;
  if (cacheTtlMs === 0) return null;
  const objectKey = objectKeyOf(ports, key);
  const found = await ports.objects.find(objectKey);
  if (found === null || found.modifiedAtMs + cacheTtlMs <= ports.clock()) return null;
  try {
    return await readTranscriptObject(ports.objects, objectKey, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    ports.log.warn({ key: objectKey, error }, 'what was heard before cannot be read; it is heard again');
    return null;
  }
}

/** What was heard is there even if it cannot be kept for another time. */
export async function keepHeard(ports: CachePorts, key: HeardKey, transcript: Transcript): Promise<void> {
  if (ports.policy.speech.cacheTtlMs === 0) return;
  const objectKey = objectKeyOf(ports, key);
  try {
    await ports.objects.write(objectKey, [encodeTranscript(transcript).bytes]);
  } catch (error) {
    ports.log.warn({ key: objectKey, error }, 'what was heard cannot be kept for another time');
  }
}

/** Nothing of one tenant is found by another. */
function objectKeyOf({ policy }: Pick<Ports, 'policy'>, key: HeardKey): string {
  const { tenantId, originalSha256, engine, language } = key;
  const parts = [tenantId, originalSha256, engine.id, language ?? null, policy.speech.trimPauses];
  return `${HEARD_PREFIX}${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}.json`;
}
