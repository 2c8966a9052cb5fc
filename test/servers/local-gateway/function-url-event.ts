import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { LambdaFunctionURLEvent } from 'aws-lambda';

const URL_ID = 'localfunctionurl00000000000000';
/** What comes as text; anything else comes as base64. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded|[\w.+-]*\+(?:json|xml)))/i;

/** As AWS documents it: "Request and response payloads" of function URLs. */
export function functionUrlEvent(
  request: IncomingMessage,
  body: Buffer,
  sourceIp: string,
): LambdaFunctionURLEvent {
  const [rawPath = '/', ...query] = (request.url ?? '/').split('?');
  const rawQueryString = query.join('?');
  const { cookie, ...named } = request.headersDistinct;
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(named)) {
    // Hop by hop: they end at the platform.
    if (!/^(?:connection|keep-alive|transfer-encoding)$/.test(name)) headers[name] = values?.join(',') ?? '';
  }
  headers['x-forwarded-for'] = [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(',');
  headers['x-forwarded-proto'] = 'https';
  headers['x-forwarded-port'] = '443';
  const isText = TEXT.test(headers['content-type'] ?? '');
  const parameters = new URLSearchParams(rawQueryString);
  const now = new Date();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.flatMap((each) => each.split(/; */)) }),
    headers,
    ...(rawQueryString !== '' && {
      queryStringParameters: Object.fromEntries(
        [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
      ),
    }),
    requestContext: {
      accountId: 'anonymous',
      apiId: URL_ID,
      domainName: headers['host'] ?? '',
      domainPrefix: URL_ID,
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}
