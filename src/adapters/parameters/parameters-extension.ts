/** Where the Parameters and Secrets Lambda Extension listens, and what it wants to see. */
export interface ParametersExtension {
  readonly port: number;
  /** AWS_SESSION_TOKEN of the function. */
  readonly sessionToken: string;
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 5000;

/**
 * A parameter of SSM, decrypted, by way of the extension beside the function, which caches it.
 *
 * @returns undefined for one that is not there
 * @throws Error, without the value or any part of it, when the extension cannot tell
 */
export async function readParameter(
  name: string,
  { port, sessionToken, signal = AbortSignal.timeout(TIMEOUT_MS) }: ParametersExtension,
): Promise<string | undefined> {
  const query = new URLSearchParams({ name, withDecryption: 'true' });
  const response = await fetch(`http://localhost:${port}/systemsmanager/parameters/get?${query.toString()}`, {
    headers: { 'x-aws-parameters-secrets-token': sessionToken },
    signal,
  }).catch((cause: unknown) => {
    throw new Error(`The parameter ${name} cannot be read: no extension answers on port ${port}.`, { cause });
  });
  const text = await response.text();
  if (response.ok) return valueIn(text, name);
  if ((response.status === 400 || response.status === 404) && text.includes('ParameterNotFound'))
    return undefined;
  throw new Error(`The parameter ${name} cannot be read: the extension answers ${response.status}.`);
}

function valueIn(text: string, name: string): string {
  let value: unknown;
  try {
    value = (JSON.parse(text) as { Parameter?: { Value?: unknown } }).Parameter?.Value;
  } catch {
    // What does not parse may hold the secret: it is no cause to be logged.
    value = undefined;
  }
  if (typeof value === 'string') return value;
  throw new Error(`The parameter ${name} cannot be read: the extension answers without a value.`);
}
