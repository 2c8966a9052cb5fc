import type { FastifyRequest } from 'fastify';
import { matchesStrongly } from './conditional.ts';

interface Revised {
  readonly revision: string | number;
}

/** The entity tag of something that is edited: its revision in quotes. */
export const revisionTag = ({ revision }: Revised): string => `"${revision}"`;

/** What `If-Match` asks of the thing that would be edited: whether this one will do. Absent: any. */
export function ifMatchGuard(request: FastifyRequest): ((current: Revised) => boolean) | undefined {
  const ifMatch = request.headers['if-match'];
  return ifMatch === undefined ? undefined : (current) => matchesStrongly(ifMatch, revisionTag(current));
}
