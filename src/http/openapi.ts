import swagger from '@fastify/swagger';
import type { FastifyContextConfig, FastifyInstance, FastifySchema } from 'fastify';
import { createJsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import { withDescriptions, withSharedResponses } from './openapi-responses.ts';
import './route-config.ts';

const DESCRIPTION = `Put audio in, arrange it into streams, and any player that opens a URL hears each stream as one
continuous, seekable MP3.

Errors are problem+json (RFC 9457) with a stable \`code\`. Lists page with \`limit\` and \`cursor\`. Every POST but
login takes an \`Idempotency-Key\` (up to 255 visible ASCII characters): the same key with the same body gives the same
answer for 24 hours, once executed, marked \`Idempotency-Replayed: true\`; with another body, or while the first is
still running, 409. Answers that show a secret are kept encrypted with the key itself. An answer that asks to be tried
again (5xx, 429, \`Retry-After\`) or that refuses the caller (401, 403) is not kept.`;

const TAGS = [
  { name: 'account', description: 'Login, session, password and API keys of the calling user' },
  { name: 'users', description: 'For administrators: the users of their tenant' },
  { name: 'audio', description: 'The library' },
  { name: 'speech', description: 'Speech into text, and text into speech' },
  { name: 'streams', description: 'Queues and what is heard of them' },
  { name: 'links', description: 'Playback links: URLs that open one file or one stream' },
  { name: 'requests', description: 'Long work and its progress' },
  { name: 'operations', description: 'Is it up, is it ready, how is it doing' },
];

type Security = Record<string, string[]>[];
const ANYBODY: Security = [];
const LOGGED_IN: Security = [{ session: [] }, { bearer: [] }];
const LISTENER: Security = [{ playbackLink: [] }, ...LOGGED_IN];

const toJsonSchema = createJsonSchemaTransform({});

/** Serves the document at `/openapi.json` and its page at `/docs`. Register it before the routes. */
export async function registerOpenApi(
  app: FastifyInstance,
  options: {
    readonly version: string;
    readonly publicUrl: string | null;
    readonly docsPage?: boolean | undefined;
  },
): Promise<void> {
  refuseUndocumentedRoutes(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Earshot',
        version: options.version,
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: options.publicUrl ?? '/' }],
      tags: TAGS,
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'session' },
          bearer: { type: 'http', scheme: 'bearer', description: 'A session token or an API key' },
          playbackLink: { type: 'apiKey', in: 'query', name: 'token' },
        },
      },
    },
    transform: (document) => {
      const { route } = document;
      const given = withSharedResponses(document.schema ?? {}, String(route.method));
      const { schema, url } = toJsonSchema({ ...document, schema: given });
      const { anonymous, playback } = route.config ?? {};
      const security = anonymous === true ? ANYBODY : playback === true ? LISTENER : LOGGED_IN;
      const described = takesIdempotencyKey(route) ? withIdempotencyKey(schema ?? {}) : schema;
      const response = withDescriptions(schema?.response);
      return {
        schema: {
          security,
          ...described,
          ...(response === undefined ? {} : { response }),
          ...(isOptional(given.body) && { [OPTIONAL_BODY]: true }),
        },
        url,
      };
    },
    transformObject: (document) =>
      withoutUnusedSchemas(withOptionalBodies(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document)),
  });
  const { docsPage = true } = options;
  if (docsPage) {
    // Only then: its files are larger than all of a function.
    const { default: swaggerUi } = await import('@fastify/swagger-ui');
    await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { persistAuthorization: false } });
  }
  app.get('/openapi.json', { schema: { hide: true }, config: { anonymous: true } }, async (_request, reply) =>
    reply.type('application/json').send(app.swagger()),
  );
}

const IDEMPOTENCY_KEY = {
  type: 'string',
  pattern: '^[!-~]{1,255}$',
  description: 'The same key with the same body is executed once.',
  examples: ['3f1c9a52-8d70-4f0e-9c53-2b8f9b1f6a11'],
};

/** Every such route takes the header, whether its own schema has others or not. */
function withIdempotencyKey(schema: FastifySchema): FastifySchema {
  const own = schema.headers as { properties?: Record<string, unknown> } | undefined;
  const properties = { ...own?.properties, 'idempotency-key': IDEMPOTENCY_KEY };
  return { ...schema, headers: { type: 'object', ...own, properties } };
}

/** How a route tells the finished document that its body may be left out: the generator requires every body. */
const OPTIONAL_BODY = 'x-optional-body';

const isOptional = (body: unknown): boolean => body instanceof z.ZodType && body.safeParse(undefined).success;

function withOptionalBodies(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  for (const item of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(item ?? {}) as Record<string, unknown>[]) {
      if (operation[OPTIONAL_BODY] !== true) continue;
      (operation['requestBody'] as OpenAPIV3_1.RequestBodyObject).required = false;
      Reflect.deleteProperty(operation, OPTIONAL_BODY);
    }
  }
  return document;
}

function takesIdempotencyKey(route: { method: string | string[]; config?: FastifyContextConfig }): boolean {
  return route.method === 'POST' && route.config?.idempotency !== 'off';
}

/** A route that nobody can read about is a mistake that shows at start. */
function refuseUndocumentedRoutes(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema?.hide === true) return;
    const { tags, summary, response } = schema ?? {};
    if (tags === undefined || summary === undefined || response === undefined) {
      throw new Error(`${String(method)} ${url} lacks tags, a summary or responses in its schema.`);
    }
  });
}

/** The converter emits every schema that has an id, and a twin `{id}Input` of each, whether anything refers to it. */
function withoutUnusedSchemas(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const all = document.components?.schemas ?? {};
  const used = new Set<string>();
  const visit = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value ?? null).matchAll(
      /"#\/components\/schemas\/([^"]+)"/g,
    )) {
      if (used.has(name)) continue;
      used.add(name);
      visit(all[name]);
    }
  };
  visit(document.paths);
  const schemas = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { ...document, components: { ...document.components, schemas } };
}
