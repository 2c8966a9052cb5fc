import type { FastifyRequest } from 'fastify';
import type { FilePlayback } from '../services/play-file.ts';
import type { Ports } from '../services/ports.ts';

const PRESIGNED_S = 3600;

/** Where a player is sent for all of an object, in a bucket that plays it itself; null where this program does. */
export async function presignedUrl(
  { presignGet }: Pick<Ports, 'presignGet'>,
  { method }: Pick<FastifyRequest, 'method'>,
  { objectKey }: Pick<FilePlayback, 'objectKey'>,
  answer: { readonly contentType: string; readonly contentDisposition?: string | undefined },
): Promise<string | null> {
  if (presignGet === null || method !== 'GET' || objectKey === null) return null;
  const { contentType, contentDisposition } = answer;
  return presignGet(objectKey, { expiresInS: PRESIGNED_S, contentType, contentDisposition });
}
