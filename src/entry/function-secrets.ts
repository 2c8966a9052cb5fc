import { readParameter } from '../adapters/parameters/parameters-extension.ts';
import { ConfigError } from './config-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Below `SECRETS_PREFIX`, and the variable that each stands for. */
const SECRETS = {
  'jwt-secret': 'JWT_SECRET',
  'admin-password': 'ADMIN_PASSWORD',
  'openai-api-key': 'OPENAI_API_KEY',
} as const;

/** Read where there is something to sign for: so it can be put there before CloudFront is. */
const CLOUDFRONT_SECRET = ['cloudfront-private-key', 'CLOUDFRONT_PRIVATE_KEY'] as const;

const DEFAULT_PORT = 2773;

/**
 * The environment with the secrets of the secret store in it. Without `SECRETS_PREFIX`, nothing is read. What is not in
 * the store leaves its variable as it is.
 *
 * @throws ConfigError; Error when a secret cannot be read
 */
export async function withSecrets(environment: Environment): Promise<Environment> {
  const prefix = environment['SECRETS_PREFIX'];
  if (prefix === undefined || prefix === '') return environment;
  if (!/^(?:\/[\w.-]+)+$/.test(prefix))
    throw new ConfigError('SECRETS_PREFIX: a path such as /earshot/prod.');
  const extension = {
    port: Number(environment['PARAMETERS_SECRETS_EXTENSION_HTTP_PORT'] ?? DEFAULT_PORT),
    sessionToken: environment['AWS_SESSION_TOKEN'] ?? '',
  };
  const read = await Promise.all(
    namesToRead(environment).map(async ([name, variable]) => {
      const value = await readParameter(`${prefix}/${name}`, extension);
      return value === undefined ? [] : [[variable, value] as const];
    }),
  );
  return { ...environment, ...Object.fromEntries(read.flat()) };
}

function namesToRead(environment: Environment): (readonly [name: string, variable: string])[] {
  const signs = ['CLOUDFRONT_URL', 'CLOUDFRONT_KEY_PAIR_ID'].some((name) => (environment[name] ?? '') !== '');
  return [...Object.entries(SECRETS), ...(signs ? [CLOUDFRONT_SECRET] : [])];
}
