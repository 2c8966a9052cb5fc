import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AppError } from '../domain/app-error.ts';
import type { AsyncRequest, RequestFailure } from '../domain/request.ts';
import { showDebugFiles } from '../services/debug-files.ts';
import type { Ports } from '../services/ports.ts';
import { waitForRequest } from '../services/wait-for-request.ts';
import { goneSignal } from './gone-signal.ts';
import { MAX_WAIT_S, preferredWaitS } from './prefer.ts';
import { ConfidingError } from './problem.ts';
import { requestSchema, toWireAttempts, toWireRequest, type FailurePorts } from './schemas/request.ts';

/** `Prefer` of what begins long work. */
export const waitHeaders = z.object({
  prefer: z
    .string()
    .optional()
    .meta({
      description: `\`wait=N\` (RFC 7240): waits for the end, up to N seconds, at most ${MAX_WAIT_S}.`,
      examples: ['wait=30'],
    }),
  'idempotency-key': z.string().optional(),
});

export const requestAnswers = {
  200: requestSchema.describe('It has ended: at once, or while it was waited for.'),
  202: requestSchema.describe('It is at work; `Location` tells how it goes.'),
};

/**
 * What a request is that was just begun: `200` once it is COMPLETED, which `Prefer: wait=N` waits for, else `202`.
 * @throws what it ended with: as the code of its failure, cancelled
 */
export async function answerRequest(
  ports: Pick<Ports, 'queue' | 'secret' | 'clock'>,
  request: FastifyRequest,
  reply: FastifyReply,
  begun: AsyncRequest,
): Promise<FastifyReply> {
  const waitS = preferredWaitS(request.headers['prefer']);
  let state = begun;
  if (waitS !== undefined) {
    void reply.header('preference-applied', `wait=${waitS}`);
    state = await waitForRequest(ports, begun.requestId, waitS * 1000, { signal: goneSignal(reply) });
  }
  // Whoever did not ask to wait is told how it began, even if it has ended meanwhile.
  if (waitS !== undefined) throwFailure(ports, state);
  const { requestId, status } = state;
  return reply
    .code(status === 'COMPLETED' ? 200 : 202)
    .header('location', locationOf(requestId))
    .header('cache-control', 'no-store')
    .send(toWireRequest(ports, state));
}

export const locationOf = (requestId: string): string => `/api/requests/${encodeURIComponent(requestId)}`;

function throwFailure(ports: FailurePorts, { requestId, status, error }: AsyncRequest): void {
  const details = { request_id: requestId };
  if (status === 'CANCELLED') throw new AppError('cancelled', 'The request was cancelled.', { details });
  if (status !== 'FAILED') return;
  const failure: RequestFailure = error ?? { code: 'internal', message: 'It failed.', retryable: false };
  const { code, message, errors = [], attempts = [] } = failure;
  const told = { errors, details: { ...details, attempts: toWireAttempts(attempts) } };
  throw new ConfidingError(code, message, told, { ...showDebugFiles(ports, failure) });
}
