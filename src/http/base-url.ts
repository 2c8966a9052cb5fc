import type { FastifyRequest } from 'fastify';
import { requestOrigin } from './origin-check.ts';

/** For routes whose answers carry absolute links. */
export interface LinkOptions {
  /** The operator's address of this service, without a slash at its end; null: that of the request. */
  readonly publicUrl: string | null;
}

/** What absolute links in an answer begin with, without a slash at its end. */
export function baseUrlOf(request: FastifyRequest, options: LinkOptions): string {
  return options.publicUrl ?? requestOrigin(request);
}
