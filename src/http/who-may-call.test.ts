import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTrack } from '../../test/stream-library.ts';
import { registryOf } from '../../test/test-actions.ts';
import { openTestApp, PASSWORD, type TestApp } from '../../test/test-app.ts';
import { SCOPES, type Scope } from '../domain/credentials.ts';
import { createApiKey } from '../services/api-keys.ts';
import { authenticateToken } from '../services/authenticate.ts';

type Method = Parameters<TestApp['request']>[0];
/** `account`: a login, or a key of scope `admin`. */
type Needed = Scope | 'anything' | 'account';

const NEW_USER = { username: 'eve', password: PASSWORD };
const STREAM = { files: ['a.mp3'] };

type Operation = readonly [string, Needed, Record<string, unknown>?];

/** Every operation of the interface, what it asks of its caller, and a body that it takes. */
const OPERATIONS: readonly Operation[] = [
  ['GET /health', 'anything'],
  ['GET /ready', 'anything'],
  ['GET /metrics', 'anything'],
  ['GET /api/version', 'anything'],
  ['POST /api/user/login', 'anything', { username: 'root', password: PASSWORD }],
  ['POST /api/user/logout', 'anything'],
  ['GET /api/user/session', 'read'],
  ['POST /api/user/password', 'account', { current: 'wrong', new: PASSWORD }],
  ['GET /api/user/keys', 'account'],
  ['POST /api/user/keys', 'account', { name: 'radio', scopes: ['play'] }],
  ['DELETE /api/user/keys/{id}', 'account'],
  ['GET /api/admin/users', 'admin'],
  ['POST /api/admin/users', 'admin', NEW_USER],
  ['PATCH /api/admin/users/{id}', 'admin', { is_admin: true }],
  ['DELETE /api/admin/users/{id}', 'admin'],
  ['GET /api/admin/diagnosis', 'admin'],
  ['GET /api/admin/backup', 'admin'],
  ['GET /api/audio/list', 'read'],
  ['GET /api/audio/search', 'read'],
  ['GET /api/audio/{filename}', 'play'],
  ['HEAD /api/audio/{filename}', 'play'],
  ['GET /audio/{filename}', 'play'],
  ['HEAD /audio/{filename}', 'play'],
  ['POST /api/audio/upload', 'write'],
  ['POST /api/audio/generate-tts', 'write', { filename: 'c.mp3', text: 'Hello.' }],
  ['GET /api/audio/tts/voices', 'read'],
  ['GET /api/speech/engines', 'read'],
  ['POST /api/audio/uploads', 'write', { filename: 'b.mp3', size: 5 }],
  ['POST /api/audio/uploads/{id}/complete', 'write'],
  ['DELETE /api/audio/uploads/{id}', 'write'],
  ['PUT /api/audio/uploads/{id}/parts/{number}', 'anything'],
  ['GET /api/audio/{filename}/info', 'read'],
  ['GET /api/audio/{filename}/waveform', 'read'],
  ['GET /api/audio/{filename}/cover', 'read'],
  ['HEAD /api/audio/{filename}/cover', 'read'],
  ['PATCH /api/audio/{filename}/info', 'write', { title: 'A' }],
  ['DELETE /api/audio/{filename}', 'write'],
  ['GET /api/audio/{filename}/transcript', 'read'],
  ['GET /api/audio/{filename}/transcript.json', 'read'],
  ['GET /api/audio/{filename}/transcript.txt', 'read'],
  ['GET /api/audio/{filename}/transcript.vtt', 'read'],
  ['GET /api/audio/{filename}/transcript.srt', 'read'],
  ['PUT /api/audio/{filename}/transcript', 'write', { transcript: 'Once.' }],
  ['DELETE /api/audio/{filename}/transcript', 'write'],
  ['POST /api/audio/{filename}/transcribe', 'write', { language: 'en' }],
  ['POST /api/transcriptions', 'write'],
  ['GET /api/debug/{user}/{name}', 'anything'],
  ['HEAD /api/debug/{user}/{name}', 'anything'],
  ['GET /api/audio/{filename}/position', 'play'],
  ['PUT /api/audio/{filename}/position', 'play', { position_s: 1 }],
  ['GET /api/audio/{filename}/links', 'read'],
  ['POST /api/audio/{filename}/links', 'write', {}],
  ['DELETE /api/audio/{filename}/links/{id}', 'write'],
  ['GET /api/streams/queues', 'read'],
  ['GET /api/streams/export', 'read'],
  ['POST /api/streams/import', 'write', { streams: [] }],
  ['PATCH /api/streams/{name}', 'write', { title: 'S' }],
  ['DELETE /api/streams/{name}', 'write'],
  ['GET /api/streams/{name}/queue', 'read'],
  ['POST /api/streams/{name}/queue', 'write', STREAM],
  ['PUT /api/streams/{name}/queue', 'write', STREAM],
  ['DELETE /api/streams/{name}/queue', 'write'],
  ['PUT /api/streams/{name}/queue/reorder', 'write', { old_index: 0, new_index: 0 }],
  ['DELETE /api/streams/{name}/queue/{index}', 'write'],
  ['GET /api/streams/{name}/plan', 'read'],
  ['GET /api/streams/{name}/stream.mp3', 'play'],
  ['HEAD /api/streams/{name}/stream.mp3', 'play'],
  ['GET /streams/{name}/stream.mp3', 'play'],
  ['HEAD /streams/{name}/stream.mp3', 'play'],
  ...[
    'playlist.m3u8',
    'hls/plan/{id}/{number}.mp3',
    'hls/clock/{id}/{number}.mp3',
    'stream.m3u',
    'stream.pls',
    'feed.xml',
    'files/{filename}',
    'files/{filename}/cover',
    'files/{filename}/transcript.vtt',
    'files/{filename}/transcript.srt',
    'files/{filename}/chapters.json',
  ].flatMap((path): Operation[] => [
    [`GET /api/streams/{name}/${path}`, 'play'],
    [`HEAD /api/streams/{name}/${path}`, 'play'],
  ]),
  ['GET /api/streams/{name}/position', 'play'],
  ['PUT /api/streams/{name}/position', 'play', { position_s: 1 }],
  ['GET /api/streams/{name}/links', 'read'],
  ['POST /api/streams/{name}/links', 'write', {}],
  ['DELETE /api/streams/{name}/links/{id}', 'write'],
  // A login opens nothing there: the token of a link does, and listen-routes.test.ts asks for it.
  ['GET /api/listen', 'anything'],
  ['GET /api/listen/cover/{index}', 'anything'],
  ['HEAD /api/listen/cover/{index}', 'anything'],
  ['POST /api/requests', 'write', { action: 'work' }],
  ['GET /api/requests', 'read'],
  ['GET /api/requests/{id}', 'read'],
  ['POST /api/requests/{id}/cancel', 'write'],
  ['POST /api/requests/{id}/retry', 'write'],
  ['GET /api/requests/{id}/events', 'read'],
  ['GET /api/requests/{id}/result', 'read'],
  ['POST /api/ws/ticket', 'read'],
  ['GET /api/ws', 'read'],
];

/** Names that nothing has, so that whatever is let in changes nothing. */
const NOBODYS = { filename: 'none.mp3', name: 'none', id: 'none', index: '0', number: '1' };
/** Names that the default tenant has. */
const DEFAULT_TENANTS = { filename: 'a.mp3', name: 's', index: '0', number: '1' };

let test: TestApp;
let stranger: string;
let rootId: string;
const keys = new Map<Scope, string>();

beforeAll(async () => {
  const actions = registryOf({ work: async () => null });
  test = await openTestApp({ actions }, { rateLimits: { loginsPerMinute: 1000 } });
  const root = await test.addUser('root', { isAdmin: true });
  rootId = root.id;
  const caller = await authenticateToken(test.ports, root.token);
  for (const scope of SCOPES) {
    const { token } = await createApiKey(test.ports, caller, { name: scope, scopes: [scope] });
    keys.set(scope, token);
  }
  await addTrack(test.ports, 'a.mp3', 20);
  await test.request('PUT', '/api/streams/s/queue', { token: root.token, body: STREAM });
  stranger = (await test.addUser('mallory', { isAdmin: true, tenantId: 'others' })).token;
});
afterAll(() => test.app.close());

async function call(
  operation: string,
  names: Readonly<Record<string, string>>,
  body: Record<string, unknown> | undefined,
  token?: string,
) {
  const [method = '', path = ''] = operation.split(' ');
  const url = path.replace(/\{(\w+)\}/g, (_, param: string) => names[param] ?? 'none');
  return test.request(method as Method, url === '/api/audio/search' ? `${url}?q=x` : url, {
    ...(body !== undefined && { body }),
    ...(token !== undefined && { token }),
  });
}

const opens = (scope: Scope, needed: Needed): boolean =>
  needed === 'anything' || scope === 'admin' || scope === needed;

it('the table names every operation', async () => {
  const document = (await test.request('GET', '/openapi.json')).json<{ paths: Record<string, object> }>();
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(OPERATIONS.map(([operation]) => operation).sort()).toEqual(all.sort());
});

const CASES = OPERATIONS.map(([operation, needed, body]) => ({ operation, needed, body }));

it.each(CASES)('$operation asks for $needed', async ({ operation, needed, body }) => {
  const allowed: Scope[] = [];
  for (const [scope, token] of keys) {
    const { statusCode } = await call(operation, NOBODYS, body, token);
    expect(statusCode).not.toBe(401);
    expect(statusCode).not.toBe(500);
    if (statusCode !== 403) allowed.push(scope);
  }
  expect(allowed).toEqual(SCOPES.filter((scope) => opens(scope, needed)));
});

it.each(CASES.filter(({ needed }) => needed !== 'anything'))(
  '$operation asks who calls',
  async ({ operation, body }) => {
    expect((await call(operation, NOBODYS, body)).statusCode).toBe(401);
    expect((await call(operation, NOBODYS, body, 'ek_forged')).statusCode).toBe(401);
  },
);

it.each(CASES.filter(({ operation }) => /\{(?:filename|name)\}/.test(operation)))(
  '$operation shows another tenant nothing',
  async ({ operation, body }) => {
    const before = await test.ports.streams.find('default', 's');
    const answer = await call(operation, DEFAULT_TENANTS, body, stranger);
    // Nor does a queue of the same name take the files of others.
    expect(answer.statusCode).toBe(404);
    expect(await test.ports.streams.find('default', 's')).toEqual(before);
    expect(await test.ports.audioFiles.find('default', 'a.mp3')).not.toBeNull();
  },
);

describe('another tenant', () => {
  it.each(['/api/audio/list', '/api/audio/search?q=title', '/api/streams/queues', '/api/streams/export'])(
    'finds nothing in %s',
    async (url) => {
      const answer = await test.request('GET', url, { token: stranger });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toMatch(/a\.mp3|"s"/);
    },
  );

  it.each(['/api/admin/diagnosis', '/api/admin/backup'])('does not run the service: %s', async (url) => {
    const answer = await test.request('GET', url, { token: stranger });
    expect(answer.json()).toMatchObject({ code: 'forbidden' });
  });

  it.each(['PATCH', 'DELETE'] as const)('cannot %s a user', async (method) => {
    const body = method === 'PATCH' ? { is_active: false } : undefined;
    const answer = await call(`${method} /api/admin/users/{id}`, { id: rootId }, body, stranger);
    expect(answer.statusCode).toBe(404);
    const { users } = (await test.request('GET', '/api/admin/users', { token: stranger })).json<{
      users: { username: string }[];
    }>();
    expect(users.map(({ username }) => username)).toEqual(['mallory']);
  });
});
