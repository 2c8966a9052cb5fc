import type { FastifySchema } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { ErrorCode } from '../domain/app-error.ts';
import { problems } from './problem.ts';
import { problemSchema } from './schemas/problem.ts';

const TOO_LONG = {
  414: {
    description: '`invalid_input`: A name in the path is too long.',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
};

/**
 * The responses of a route, and with them those that it has in common with all like it: what is refused before its
 * handler runs, and what stores may answer. What the route itself says of a status stands.
 */
export function withSharedResponses(schema: FastifySchema, method: string): FastifySchema {
  const { params, body, tags = [], response } = schema;
  // A page elsewhere may be refused by any route, with AUTH=off.
  const codes: ErrorCode[] = ['forbidden'];
  if (params !== undefined) codes.push('invalid_input');
  if (body !== undefined) codes.push('invalid_input', 'too_large', 'unsupported_media');
  if (!tags.includes('operations')) codes.push('storage_unavailable');
  if (method !== 'GET' && method !== 'HEAD') codes.push('insufficient_storage');
  return {
    ...schema,
    response: {
      ...problems(...codes),
      ...(params !== undefined && TOO_LONG),
      ...(response as Record<string, unknown> | undefined),
    },
  };
}

/** Every response must have a description (OpenAPI 3.1, 4.8.17); where a route gives none, the status says it. */
export function withDescriptions(responses: unknown): Record<string, object> | undefined {
  if (typeof responses !== 'object' || responses === null) return undefined;
  const described = Object.entries(responses as Record<string, object>).map(
    ([status, response]) => [status, { description: STATUS_CODES[status] ?? status, ...response }] as const,
  );
  return Object.fromEntries(described);
}
