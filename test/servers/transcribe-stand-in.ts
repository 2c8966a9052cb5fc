import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What AWS Transcribe hears in the next jobs, or why it fails. */
export interface TranscribeScript {
  items: readonly object[];
  language: string;
  /** The job ends with it. */
  failure: string | null;
  /** Instead of its transcript. */
  output: string | null;
  /** How often it is still at work when asked. */
  polls: number;
}

/** Instead of an answer: an error of the service, a half of the answer, none at all, or something that is no JSON. */
export type TranscribeFault =
  | { readonly status: number; readonly type: string; readonly headers?: Record<string, string> }
  | 'cut'
  | 'mute'
  | 'malformed';

/** A server on loopback that takes the jobs of AWS Transcribe, and refuses whatever AWS would refuse. */
export interface TranscribeStandIn {
  readonly endpoint: string;
  /** Of each request, in order, what was asked: `StartTranscriptionJob`. */
  readonly received: string[];
  readonly jobs: ReadonlyMap<string, Job>;
  readonly started: Job[];
  /** What becomes of the next requests, one after the other. */
  misbehave(...faults: readonly TranscribeFault[]): void;
  stop(): Promise<void>;
}

interface Job {
  readonly TranscriptionJobName: string;
  readonly Media: { readonly MediaFileUri: string };
  readonly MediaFormat: string;
  readonly OutputBucketName: string;
  readonly OutputKey: string;
  readonly LanguageCode?: string;
  readonly IdentifyLanguage?: boolean;
}

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'testtest' };
const REGION = 'us-east-1';

class Refusal extends Error {
  constructor(type: string, message: string) {
    super(message);
    this.name = type;
  }
}
const badRequest = (message: string) => new Refusal('BadRequestException', message);

export async function startTranscribeStandIn(
  s3: S3Client,
  script: TranscribeScript,
): Promise<TranscribeStandIn> {
  const received: string[] = [];
  const started: Job[] = [];
  const faults: TranscribeFault[] = [];
  const jobs = new Map<string, Job>();
  const asked = new Map<string, number>();

  const actions: Record<string, (input: Job) => Promise<object>> = {
    async StartTranscriptionJob(job) {
      await checkJob(job, s3);
      if (jobs.has(job.TranscriptionJobName)) throw new Refusal('ConflictException', 'The name is taken.');
      jobs.set(job.TranscriptionJobName, job);
      started.push(job);
      return { TranscriptionJob: { ...job, TranscriptionJobStatus: 'IN_PROGRESS' } };
    },
    async GetTranscriptionJob({ TranscriptionJobName: name }) {
      const job = jobs.get(name);
      if (job === undefined) throw badRequest("The requested job couldn't be found.");
      asked.set(name, (asked.get(name) ?? 0) + 1);
      if ((asked.get(name) ?? 0) <= script.polls)
        return { TranscriptionJob: { TranscriptionJobStatus: 'IN_PROGRESS' } };
      if (script.failure !== null) {
        return { TranscriptionJob: { TranscriptionJobStatus: 'FAILED', FailureReason: script.failure } };
      }
      const results = { language_code: script.language, items: script.items };
      const Body = script.output ?? JSON.stringify({ jobName: name, status: 'COMPLETED', results });
      await s3.send(new PutObjectCommand({ Bucket: job.OutputBucketName, Key: job.OutputKey, Body }));
      return { TranscriptionJob: { TranscriptionJobStatus: 'COMPLETED' } };
    },
    async DeleteTranscriptionJob({ TranscriptionJobName: name }) {
      if (!jobs.has(name)) throw badRequest("The requested job couldn't be found.");
      if ((asked.get(name) ?? 0) <= script.polls) throw badRequest('The job is in a non-terminal state.');
      jobs.delete(name);
      return {};
    },
  };

  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const body = await text(request);
      const action = String(request.headers['x-amz-target'] ?? '').replace(/^Transcribe\./, '');
      received.push(action);
      const fault = faults.shift();
      if (fault === 'mute') return;
      if (fault === 'cut') {
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1', 'content-length': 100 });
        response.write('{"TranscriptionJob": {', () => response.destroy());
        return;
      }
      if (fault === 'malformed') {
        response
          .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
          .end('{"TranscriptionJob": {');
        return;
      }
      const respond = (status: number, value: object, headers: Record<string, string> = {}) =>
        response
          .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers })
          .end(JSON.stringify(value));
      if (fault !== undefined) {
        respond(fault.status, { __type: fault.type, Message: 'What the vendor says.' }, fault.headers);
        return;
      }
      try {
        checkSignature(request.headers, body);
        const run = actions[action];
        if (run === undefined) throw new Refusal('UnknownOperationException', action);
        respond(200, await run(JSON.parse(body) as Job));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        respond(400, { __type: error.name, Message: error.message });
      }
    };
    // A stand-in that is wrong must not pass for an answer.
    answer().catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    started,
    jobs,
    misbehave: (...more) => faults.push(...more),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The limits of the API reference, and that the service can read the media. */
async function checkJob(job: Job, s3: S3Client): Promise<void> {
  const { TranscriptionJobName: name, LanguageCode: code, IdentifyLanguage: identify } = job;
  if (!/^[0-9a-zA-Z._-]{1,200}$/.test(name)) throw badRequest('TranscriptionJobName');
  if (job.MediaFormat !== 'mp3') throw badRequest('MediaFormat');
  if ((code === undefined) === (identify !== true))
    throw badRequest('One of LanguageCode and IdentifyLanguage.');
  if (code !== undefined && !/^[a-z]{2,3}-[A-Z]{2}$/.test(code)) throw badRequest('LanguageCode');
  if (!/^[a-zA-Z0-9\-_.!*'()/&$@=;:+,? ]{1,1024}$/.test(job.OutputKey)) throw badRequest('OutputKey');
  const [, bucket, key] = /^s3:\/\/([a-z0-9.-]+)\/(.+)$/.exec(job.Media.MediaFileUri) ?? [];
  const media = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = (await media.Body?.transformToByteArray()) ?? new Uint8Array();
  if (bytes.length === 0) throw badRequest('The media is empty.');
}

/** Signature Version 4, computed once more. */
function checkSignature(headers: IncomingHttpHeaders, body: string): void {
  const [, keyId, scope = '', signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  const [day = '', region = '', service = '', end] = scope.split('/');
  if (
    keyId !== CREDENTIALS.accessKeyId ||
    region !== REGION ||
    service !== 'transcribe' ||
    end !== 'aws4_request'
  ) {
    throw new Refusal(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  for (const name of ['host', 'x-amz-date', 'x-amz-target', 'content-type']) {
    if (!signed.split(';').includes(name)) throw new Refusal('InvalidSignatureException', name);
  }
  if (headers['content-type'] !== 'application/x-amz-json-1.1') throw badRequest('content-type');
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = ['POST', '/', '', canonicalHeaders.join(''), signed, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${CREDENTIALS.secretAccessKey}`,
  );
  if (createHmac('sha256', key).update(toSign).digest('hex') !== signature) {
    throw new Refusal('InvalidSignatureException', 'The signature is wrong.');
  }
}

const sha256 = (value: string): string => createHash('sha256').update(value).digest('hex');
