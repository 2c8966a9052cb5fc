import type { FastifyRouteSchemaDef } from 'fastify/types/schema.js';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { z } from 'zod';

/** For a route whose handler reads a form part by part: there is no body yet that could be validated. */
export const formValidator = ({ schema, method, url, httpPart = '' }: FastifyRouteSchemaDef<unknown>) =>
  httpPart === 'body'
    ? (value: unknown) => ({ value })
    : validatorCompiler({ schema: schema as z.ZodType, method, url, httpPart });
