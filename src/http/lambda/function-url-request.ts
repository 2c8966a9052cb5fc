import type { LambdaFunctionURLEvent } from 'aws-lambda';

/** A request as it stood on the wire before the platform made an event of it. */
export interface EventRequest {
  readonly method: string;
  /** Path and query, percent-encoded as they came. */
  readonly path: string;
  /** Names and values in turns, as `http.request` takes them. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

/** Of one connection between the client and the platform, which is not ours; the length is told anew. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const TAKES_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The request that an event of a function URL stands for (payload format 2.0). Several values of a query parameter are
 * in `rawQueryString` as they came; cookies come apart from the headers.
 */
export function requestOfEvent(event: LambdaFunctionURLEvent): EventRequest {
  const { rawPath, rawQueryString, requestContext, cookies } = event;
  const headers: string[] = [];
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name.toLowerCase())) headers.push(name, value);
  }
  if (cookies !== undefined && cookies.length > 0) headers.push('cookie', cookies.join('; '));
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (event.body !== undefined || TAKES_BODY.has(requestContext.http.method)) {
    headers.push('content-length', String(body.length));
  }
  const query = escapeUnsafe(rawQueryString, UNSAFE_IN_QUERY);
  return {
    method: requestContext.http.method,
    path: escapeUnsafe(rawPath === '' ? '/' : rawPath, UNSAFE_IN_PATH) + (query === '' ? '' : `?${query}`),
    headers,
    body,
    sourceIp: requestContext.http.sourceIp,
  };
}

/**
 * Function URLs give the path percent-encoded as it came; API Gateway's HTTP APIs, whose events look the same, decode
 * it. What can never stand in an encoded path is encoded, so that a decoded one is no other request than was meant.
 */
const UNSAFE_IN_PATH = /%(?![0-9A-Fa-f]{2})|[^!$%&'()*+,\-./0-9:;=@A-Z_a-z~]/gu;
const UNSAFE_IN_QUERY = /[^!$%&'()*+,\-./0-9:;=?@A-Z_a-z~[\]|^`{}"<>\\]/gu;

const escapeUnsafe = (text: string, unsafe: RegExp): string =>
  text.replace(unsafe, (character) =>
    character === '%' ? '%25' : encodeURIComponent(character.isWellFormed() ? character : '\ufffd'),
  );
