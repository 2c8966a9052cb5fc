import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

const sha256 = (value: string | Buffer): string => createHash('sha256').update(value).digest('hex');
const hmac = (key: string | Buffer, value: string): Buffer =>
  createHmac('sha256', key).update(value).digest();

/**
 * What is wrong with the signature of a request, by the name that AWS has for it; null when nothing is.
 * AWS Signature Version 4, "Create a signed AWS API request".
 */
export function signatureFault(
  { method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
  key: AwsKey,
  service: string,
): string | null {
  const match = AUTHORIZATION.exec(headers.authorization ?? '');
  if (match === null) return 'MissingAuthenticationTokenException';
  const [, accessKeyId = '', day = '', region = '', ofService = '', signed = '', signature] = match;
  if (accessKeyId !== key.accessKeyId) return 'UnrecognizedClientException';
  if (ofService !== service) return 'InvalidSignatureException';
  const { pathname, searchParams } = new URL(url ?? '', 'http://localhost');
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const names = signed.split(';');
  const canonical = [
    method,
    pathname,
    query,
    ...names.map((name) => `${name}:${String(headers[name] ?? '').trim()}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const scope = `${day}/${region}/${ofService}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const signingKey = [day, region, ofService, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${key.secretAccessKey}`,
  );
  const isRight = hmac(signingKey, text).toString('hex') === signature && names.includes('host');
  return isRight ? null : 'InvalidSignatureException';
}
