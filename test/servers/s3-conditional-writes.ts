import type { buildApp } from 'fauxqs';

type App = ReturnType<typeof buildApp>;

/**
 * Teaches fauxqs what it does not know of S3: PUT and DELETE with If-Match and If-None-Match. Those of one object take
 * turns, so that what was looked at is what is written over.
 */
export function addConditionalWrites(app: App): void {
  const turns = new Map<string, Promise<void>>();
  const releases = new WeakMap<object, () => void>();

  app.addHook('preHandler', async (request, reply) => {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    if (request.method !== 'PUT' && request.method !== 'DELETE') return;
    if (ifMatch === undefined && ifNoneMatch === undefined) return;
    const [path = ''] = request.url.split('?');
    const before = turns.get(path);
    const turn = Promise.withResolvers<void>();
    turns.set(path, turn.promise);
    releases.set(request, () => {
      if (turns.get(path) === turn.promise) turns.delete(path);
      turn.resolve();
    });
    await before;
    const looked = await app.inject({ method: 'HEAD', url: path, headers: { host: '127.0.0.1' } });
    const etag = looked.statusCode === 200 ? String(looked.headers['etag']) : undefined;
    const isExpected =
      ifMatch === undefined ? etag === undefined : [etag, etag?.replaceAll('"', '')].includes(ifMatch);
    if (isExpected) return;
    const isMissing = ifMatch !== undefined && etag === undefined;
    const code = isMissing ? 'NoSuchKey' : 'PreconditionFailed';
    await reply
      .status(isMissing ? 404 : 412)
      .header('content-type', 'application/xml')
      .send(`<Error><Code>${code}</Code><Message>As S3 says it.</Message></Error>`);
  });

  app.addHook('onResponse', (request, _reply, done) => {
    releases.get(request)?.();
    done();
  });
}
