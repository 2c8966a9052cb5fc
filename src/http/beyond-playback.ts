import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  findWholeTag,
  leadToWhole,
  PRESIGNED_S,
  type RecallablePlan,
  type WholePorts,
} from '../services/lead-to-whole.ts';
import type { FilePlayback } from '../services/play-file.ts';
import type { Beyond } from './beyond-limits.ts';
import { goneSignal } from './gone-signal.ts';
import './route-config.ts';

/** How a client comes to all of a plan where an answer is bounded; undefined where none is. */
export function beyondPlan(
  ports: WholePorts,
  request: FastifyRequest,
  reply: FastifyReply,
  playback: RecallablePlan,
): Beyond | undefined {
  const { responseLimits } = ports.policy;
  if (responseLimits == null || ports.wholeObjects === null) return undefined;
  return {
    maxBytes: responseLimits.maxBytes,
    lead: () => leadToWhole(ports, request.caller, playback, goneSignal(reply)),
    findTagElsewhere: () => findWholeTag(ports, playback.plan),
  };
}

/** The same for a file, which the store has as an object already, unless it plays from the middle. */
export function beyondFile(
  ports: WholePorts,
  request: FastifyRequest,
  reply: FastifyReply,
  { file, plan, objectKey: key }: FilePlayback,
  answer: { readonly contentType: string; readonly contentDisposition?: string | undefined },
): Beyond | undefined {
  const { tenantId } = file;
  if (plan !== undefined) return beyondPlan(ports, request, reply, { tenantId, plan, order: null });
  const { wholeObjects, policy } = ports;
  if (policy.responseLimits == null || wholeObjects === null || key === null) return undefined;
  return {
    maxBytes: policy.responseLimits.maxBytes,
    lead: async () => ({
      kind: 'made',
      url: await wholeObjects.presign(key, { expiresInS: PRESIGNED_S, ...answer }),
    }),
    findTagElsewhere: async () => (await wholeObjects.find(key))?.etag,
  };
}
