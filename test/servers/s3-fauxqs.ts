import { buildApp } from 'fauxqs';
import { addConditionalWrites } from './s3-conditional-writes.ts';

/**
 * fauxqs in a process of its own, whose objects are not counted with the memory of the tests. Prints its port.
 *
 * It lists keys in the order of a dictionary, by which it also skips and repeats some between two pages, and does not
 * know ListMultipartUploads, ListParts, conditional writes and headers that a presigned GET asks for: all of that is put right here.
 */
String.prototype.localeCompare = function (this: string, other: string): number {
  return this === other ? 0 : this < other ? -1 : 1;
};

interface OpenUpload {
  readonly bucket: string;
  readonly key: string;
  readonly initiated: string;
  readonly parts: Map<number, { readonly etag: string; readonly sizeBytes: number }>;
}

const openUploads = new Map<string, OpenUpload>();

function uploadsXml(bucket: string, prefix: string): string {
  const uploads = [...openUploads]
    .filter(([, upload]) => upload.bucket === bucket && upload.key.startsWith(prefix))
    .map(
      ([id, { key, initiated }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated></Upload>`,
    );
  return `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`;
}

function partsXml({ parts }: OpenUpload): string {
  const listed = [...parts]
    .sort(([a], [b]) => a - b)
    .map(
      ([number, { etag, sizeBytes }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><Size>${sizeBytes}</Size></Part>`,
    );
  return `<ListPartsResult><IsTruncated>false</IsTruncated>${listed.join('')}</ListPartsResult>`;
}

const app = buildApp({ logger: false });
// A test that is busy for longer than Node's 5 s would write to a connection that is closed.
app.server.keepAliveTimeout = 65_000;
addConditionalWrites(app);

app.addHook('onRequest', async (request, reply) => {
  const url = new URL(request.url, 'http://localhost');
  const bucket = url.pathname.split('/')[1] ?? '';
  if (request.method !== 'GET') return;
  const upload = openUploads.get(url.searchParams.get('uploadId') ?? '');
  if (upload !== undefined) {
    reply.header('content-type', 'application/xml');
    await reply.send(partsXml(upload));
  }
  if (url.searchParams.has('uploadId') && upload === undefined) {
    reply.status(404).header('content-type', 'application/xml');
    await reply.send('<Error><Code>NoSuchUpload</Code></Error>');
  }
  if (!url.searchParams.has('uploads')) return;
  reply.header('content-type', 'application/xml');
  await reply.send(uploadsXml(bucket, url.searchParams.get('prefix') ?? ''));
});

app.addHook('onSend', async (request, reply, payload) => {
  const url = new URL(request.url, 'http://localhost');
  const [, bucket = '', ...segments] = decodeURIComponent(url.pathname).split('/');
  if (reply.statusCode >= 300) return payload;
  if (request.method === 'GET') {
    for (const name of ['content-type', 'content-disposition']) {
      const asked = url.searchParams.get(`response-${name}`);
      if (asked !== null) reply.header(name, asked);
    }
  }
  if (request.method === 'POST' && url.searchParams.has('uploads')) {
    const [, id] = /<UploadId>(.+)<\/UploadId>/.exec(String(payload)) ?? [];
    if (id !== undefined) {
      const initiated = new Date().toISOString();
      openUploads.set(id, { bucket, key: segments.join('/'), initiated, parts: new Map() });
    }
  } else if (request.method === 'PUT' && url.searchParams.has('partNumber')) {
    const number = Number(url.searchParams.get('partNumber'));
    const sizeBytes = Number(request.headers['content-length']);
    const part = { etag: String(reply.getHeader('etag')), sizeBytes };
    openUploads.get(url.searchParams.get('uploadId') ?? '')?.parts.set(number, part);
  } else if (request.method === 'POST' || request.method === 'DELETE') {
    openUploads.delete(url.searchParams.get('uploadId') ?? '');
  }
  return payload;
});

const address = await app.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${new URL(address).port}\n`);
// The tests that started it have gone.
process.stdin.resume().on('end', () => process.exit());
