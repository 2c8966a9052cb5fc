import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withSecrets } from './function-secrets.ts';

const SECRET = 'jwt-secret-of-at-least-32-characters';

/** The extension, as AWS documents it. */
describe('secrets of a function', () => {
  let extension: Server;
  let environment: Record<string, string>;
  let answer: (name: string) => { status: number; body: string };
  const asked: string[] = [];

  const found = (Value: string) => ({
    status: 200,
    body: JSON.stringify({ Parameter: { Value, Version: 1 } }),
  });
  const absent = { status: 400, body: '{"__type":"ParameterNotFound"}' };

  beforeAll(async () => {
    extension = createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      asked.push(`${url.pathname} ${String(url.searchParams.get('withDecryption'))}`);
      const isOurs = request.headers['x-aws-parameters-secrets-token'] === 'session';
      const { status, body } = isOurs
        ? answer(url.searchParams.get('name') ?? '')
        : { status: 403, body: 'not authorized' };
      response.writeHead(status).end(body);
    });
    extension.listen(0, 'localhost');
    await once(extension, 'listening');
    environment = {
      SECRETS_PREFIX: '/earshot/dev',
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String((extension.address() as AddressInfo).port),
      AWS_SESSION_TOKEN: 'session',
      PLAYBACK: 'public',
    };
  });

  afterAll(() => extension.close());

  it('stand for their variables; one that is not there leaves its variable as it is', async () => {
    answer = (name) => (name === '/earshot/dev/jwt-secret' ? found(SECRET) : absent);
    const read = await withSecrets({ ...environment, OPENAI_API_KEY: 'as-it-is' });
    expect(read).toEqual({ ...environment, JWT_SECRET: SECRET, OPENAI_API_KEY: 'as-it-is' });
    expect(read).not.toHaveProperty('ADMIN_PASSWORD');
    expect(new Set(asked)).toEqual(new Set(['/systemsmanager/parameters/get true']));
    answer = () => ({ status: 404, body: 'ParameterNotFound' });
    expect(await withSecrets(environment)).toEqual(environment);
  });

  it('sign for CloudFront only where there is one', async () => {
    answer = (name) => (name === '/earshot/dev/cloudfront-private-key' ? found('pem') : absent);
    expect(await withSecrets({ ...environment, CLOUDFRONT_URL: '' })).not.toHaveProperty(
      'CLOUDFRONT_PRIVATE_KEY',
    );
    for (const name of ['CLOUDFRONT_URL', 'CLOUDFRONT_KEY_PAIR_ID']) {
      expect(await withSecrets({ ...environment, [name]: 'set' })).toHaveProperty(
        'CLOUDFRONT_PRIVATE_KEY',
        'pem',
      );
    }
  });

  it('are not read without a prefix', async () => {
    answer = () => found(SECRET);
    const { SECRETS_PREFIX: _, ...without } = environment;
    expect(await withSecrets(without)).toEqual(without);
    expect(await withSecrets({ ...environment, SECRETS_PREFIX: '' })).not.toHaveProperty('JWT_SECRET');
  });

  it.each([
    ['the extension refuses', { status: 400, body: '{"__type":"AccessDeniedException"}' }],
    ['the extension fails', { status: 500, body: SECRET }],
    ['the answer is no JSON', { status: 200, body: SECRET }],
    ['the answer has no value', { status: 200, body: `{"Parameter":{"Name":"${SECRET}"}}` }],
  ])('are an error of the start when %s, which does not show them', async (_why, given) => {
    answer = () => given;
    const error = await withSecrets(environment).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(/The parameter \/earshot\/dev\/[a-z-]+ cannot be read/);
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain(SECRET);
  });

  it('are an error of the start without the extension, and for a token that it does not know', async () => {
    answer = () => found(SECRET);
    await expect(withSecrets({ ...environment, AWS_SESSION_TOKEN: 'other' })).rejects.toThrow('answers 403');
    const nobody = { ...environment, PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: '9' };
    await expect(withSecrets(nobody)).rejects.toThrow('no extension answers on port 9');
    await expect(withSecrets({ ...environment, SECRETS_PREFIX: 'earshot' })).rejects.toThrow(
      'SECRETS_PREFIX',
    );
  });
});
