import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { awaitUpload } from '../services/await-upload.ts';
import type { Ports } from '../services/ports.ts';
import type { UploadOutcome } from '../services/upload-audio.ts';
import { baseUrlOf, type LinkOptions } from './base-url.ts';
import { goneSignal } from './gone-signal.ts';
import { MAX_WAIT_S, preferredWaitS } from './prefer.ts';
import { acceptedAnswer, duplicateAnswer, fileSchema, toWireFile } from './schemas/audio-schemas.ts';

const DEFAULT_WAIT_S = 10;

/** `Prefer` of a request that an upload ends with. */
export const waitHeaders = z.object({
  prefer: z
    .string()
    .optional()
    .meta({
      description: `\`wait=N\` (RFC 7240): waits N seconds, at most ${MAX_WAIT_S}, instead of ${DEFAULT_WAIT_S}.`,
      examples: ['wait=30'],
    }),
  'idempotency-key': z.string().optional(),
});

/** The codes that an upload may be refused with at its end. */
export const UPLOAD_ERRORS = [
  'invalid_input',
  'unauthorized',
  'forbidden',
  'already_exists',
  'conflict',
  'too_large',
  'unsupported_media',
  'storage_unavailable',
  'tool_unavailable',
  'insufficient_storage',
] as const;

/** What a request that an upload ends with is answered. */
export const uploadAnswers = {
  200: duplicateAnswer.describe('The same content is there; nothing was stored.'),
  201: fileSchema.describe('Ready to play.'),
  202: acceptedAnswer.describe('Still at work; `Location` tells how it goes.'),
};

/** `200` with the record of the same content, `201` with the new record when it is ready in time, else `202`. */
export async function answerUpload(
  ports: Pick<Ports, 'queue' | 'audioFiles'>,
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: UploadOutcome,
  options: LinkOptions,
): Promise<FastifyReply> {
  const baseUrl = baseUrlOf(request, options);
  if (outcome.kind === 'duplicate') {
    return reply.code(200).send({ ...toWireFile(outcome.file, baseUrl), duplicate: true });
  }
  const preferredS = preferredWaitS(request.headers['prefer']);
  if (preferredS !== undefined) void reply.header('preference-applied', `wait=${preferredS}`);
  const waitMs = (preferredS ?? DEFAULT_WAIT_S) * 1000;
  const state = await awaitUpload(ports, request.caller, outcome, waitMs, goneSignal(reply));
  const file = toWireFile(state.file, baseUrl);
  if (state.request.status === 'COMPLETED') {
    return reply
      .code(201)
      .header('location', `/api/audio/${encodeURIComponent(file.filename)}`)
      .send(file);
  }
  const { requestId, status } = state.request;
  return reply
    .code(202)
    .header('location', `/api/requests/${requestId}`)
    .send({ request_id: requestId, status, file });
}
