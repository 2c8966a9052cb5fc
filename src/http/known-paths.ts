import type { FastifyInstance } from 'fastify';

/** Which methods a path answers, whichever route they belong to. */
export type AllowedMethods = (path: string) => string[];

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Gathers the paths of all routes that are registered from now on. The path is without its query, not decoded. */
export function gatherKnownPaths(app: FastifyInstance): AllowedMethods {
  const known = new Map<string, KnownPath>();
  app.addHook('onRoute', ({ method, url }) => {
    // What catches every path says nothing about one.
    if (!url.startsWith('/')) return;
    const { methods } = known.get(url) ?? { methods: new Set<string>() };
    for (const each of [method].flat()) methods.add(each);
    known.set(url, { pattern: pathPattern(url), methods });
  });
  return (path) => {
    const matching = Array.from(known.values()).filter(({ pattern }) => pattern.test(path));
    return [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort();
  };
}

/** `/api/audio/:filename` as a pattern. It may also match a fixed route beside it. */
export function pathPattern(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${escaped.replace(/:[A-Za-z_]+/g, '[^/]+')}$`);
}
