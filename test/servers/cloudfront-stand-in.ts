import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runInNewContext } from 'node:vm';
import { OBJECT_REQUEST, OBJECT_RESPONSE } from '../../infra/lib/object-functions.ts';
import { PLAYED_PREFIXES } from '../../src/domain/object-key.ts';
import { openSignedUrl, type TrustedKey } from './cloudfront-signature.ts';

/** CloudFront in front of a bucket, as infra/ sets it up, but for its cache: on loopback, without TLS. */
export interface CloudFrontStandIn {
  readonly url: string;
  /** `GET /made/…mp3 200`, of what was answered so far. */
  readonly answered: readonly string[];
  stop(): Promise<void>;
}

type Headers = Record<string, { value: string }>;

interface EdgeMessage {
  readonly statusCode?: number;
  readonly headers: Headers;
}

const FORWARDED = ['range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'];

export async function startCloudFront(
  client: S3Client,
  bucket: string,
  trusted: TrustedKey,
): Promise<CloudFrontStandIn> {
  const answered: string[] = [];
  const server = createServer((request, response) => {
    const at = `http://${request.headers.host}${request.url}`;
    answer({ client, bucket, trusted }, at, request, response)
      .catch(() => response.destroy())
      .finally(() => {
        answered.push(`${request.method} ${at.split('?')[0]?.slice(url.length)} ${response.statusCode}`);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    answered,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Edge {
  readonly client: S3Client;
  readonly bucket: string;
  readonly trusted: TrustedKey;
}

async function answer(
  edge: Edge,
  at: string,
  { method = '', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const uri = new URL(at).pathname;
  const query = openSignedUrl(at, edge.trusted, Date.now());
  if (query === null || !PLAYED_PREFIXES.some((prefix) => uri.startsWith(`/${prefix}`))) {
    return void response.writeHead(403).end();
  }
  if (!['GET', 'HEAD', 'OPTIONS'].includes(method)) return void response.writeHead(405).end();
  const asked = run(OBJECT_REQUEST, { request: { method, uri, headers: toEvent(headers) } });
  if (asked.statusCode !== undefined) {
    return void response.writeHead(asked.statusCode, fromEvent(asked.headers)).end();
  }
  const found = await readObject(edge, method, uri.slice(1), query, fromEvent(asked.headers));
  const { headers: said } = run(OBJECT_RESPONSE, {
    request: { method, uri, headers: asked.headers },
    response: { statusCode: found.status, headers: toEvent(Object.fromEntries(found.headers)) },
  });
  // Closed with its answer: how long a client may use a connection again is not what is looked at here.
  response.writeHead(found.status, { ...fromEvent(said), connection: 'close' });
  if (found.body === null || method === 'HEAD') return void response.end();
  await pipeline(Readable.fromWeb(found.body), response);
}

/** What the bucket answers to a request that is signed for it; a range goes where its condition does not hold. */
async function readObject(
  { client, bucket }: Edge,
  method: string,
  Key: string,
  query: string,
  headers: Record<string, string>,
): Promise<Response> {
  const said = new URLSearchParams(query);
  const input = {
    Bucket: bucket,
    Key,
    ResponseContentType: said.get('response-content-type') ?? undefined,
    ResponseContentDisposition: said.get('response-content-disposition') ?? undefined,
  };
  const kept = Object.entries(headers).filter(([name]) => FORWARDED.includes(name));
  const forwarded = new Headers(Object.fromEntries(kept));
  const condition = headers['if-range'];
  if (condition !== undefined) {
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    if (ETag !== condition) forwarded.delete('range');
  }
  const command = method === 'HEAD' ? new HeadObjectCommand(input) : new GetObjectCommand(input);
  return fetch(await getSignedUrl(client, command), { method, headers: forwarded });
}

// As CloudFront runs them: a script with a function `handler`.
const run = (source: string, event: object): EdgeMessage =>
  runInNewContext(`${source}; handler(event)`, { event }) as EdgeMessage;

const toEvent = (plain: Record<string, unknown>): Headers =>
  Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, { value: String(value) }]));

const fromEvent = (headers: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value]));
