import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { TranscribeClient } from '@aws-sdk/client-transcribe';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixtures } from '../../../test/e2e/program.ts';
import { makeTestBucket } from '../../../test/servers/s3-server.ts';
import {
  startTranscribeStandIn,
  type TranscribeScript,
  type TranscribeStandIn,
} from '../../../test/servers/transcribe-stand-in.ts';
import { useS3 } from '../../../test/servers/use-s3.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToTextOptions } from '../../domain/speech-to-text.ts';
import { openTranscribeClient } from './transcribe-client.ts';
import { languageCodeOf } from './transcribe-result.ts';
import { createTranscribe, type TranscribeOptions } from './transcribe-speech-to-text.ts';

const logged: unknown[] = [];
const keep = (fields: object, message: string) => logged.push({ ...fields, message });
const log: Log = { debug: keep, info: keep, warn: keep, error: keep };

let s3: S3Client;
useS3((used) => (s3 = used.client));

let bucket: string;
let script: TranscribeScript;
let standIn: TranscribeStandIn;
const clients: TranscribeClient[] = [];

const word = (content: string, start: string, end: string) => ({
  type: 'pronunciation',
  start_time: start,
  end_time: end,
  alternatives: [{ confidence: '0.99', content }],
});
const mark = (content: string) => ({ type: 'punctuation', alternatives: [{ confidence: '0.0', content }] });

beforeEach(async () => {
  logged.length = 0;
  bucket = await makeTestBucket(s3);
  const items = [
    word('Well', '0.5', '0.9'),
    mark(','),
    word('hello', '1.0', '1.4'),
    mark('.'),
    word('You', '1.5', '2'),
  ];
  script = { items, language: 'en-GB', failure: null, output: null, polls: 1 };
  standIn = await startTranscribeStandIn(s3, script);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await standIn.stop();
});

/** Fewer than the program makes: between them it waits. */
const ATTEMPTS = 3;

function open(options: Partial<TranscribeOptions> & { secretAccessKey?: string } = {}) {
  const { secretAccessKey = 'testtest', ...rest } = options;
  const credentials = { accessKeyId: 'test', secretAccessKey };
  const { endpoint } = standIn;
  const transcribe = openTranscribeClient({
    region: 'us-east-1',
    endpoint,
    credentials,
    maxAttempts: ATTEMPTS,
  });
  clients.push(transcribe);
  return createTranscribe({ transcribe, s3, bucket, newId: () => 'piece-1', log, firstPollMs: 20, ...rest });
}

const hear = (engine = open(), options: Partial<SpeechToTextOptions> = {}) =>
  engine.transcribe(join(fixtures, 'fits.mp3'), {
    durationMs: 4000,
    signal: new AbortController().signal,
    ...options,
  });

/** Nothing of a piece may stay: neither in the bucket nor among the jobs. */
async function expectNothingLeft(): Promise<void> {
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(KeyCount).toBe(0);
  expect(standIn.jobs.size).toBe(0);
}

describe('a transcription by AWS Transcribe', () => {
  it('is a job on an object of the bucket, and its words become lines', async () => {
    expect(await hear(open(), { language: 'en' })).toEqual({
      segments: [
        { startMs: 500, endMs: 1400, text: 'Well, hello.' },
        { startMs: 1500, endMs: 2000, text: 'You' },
      ],
      language: 'en-GB',
    });
    const { TranscriptionJobName: name, ...job } = standIn.started[0] ?? { TranscriptionJobName: '' };
    expect(name).toBe('earshot-piece-1');
    expect(job).toEqual({
      Media: { MediaFileUri: `s3://${bucket}/transcribe/piece-1.mp3` },
      MediaFormat: 'mp3',
      OutputBucketName: bucket,
      OutputKey: 'transcribe/piece-1.json',
      LanguageCode: 'en-US',
    });
    await expectNothingLeft();
    expect(logged).toEqual([]);
  });

  it('finds the language out when none is named', async () => {
    await hear();
    expect(standIn.started[0]).toMatchObject({ IdentifyLanguage: true });
  });

  it('goes on when the answer to its start was lost', async () => {
    standIn.misbehave({ status: 500, type: 'InternalFailureException' }, 'cut');
    expect((await hear()).segments).toHaveLength(2);
    await expectNothingLeft();
  });

  it.each([
    ['en', 'en-US'],
    ['de-ch', 'de-CH'],
    ['de-LI', 'de-DE'],
    ['zh', 'zh-CN'],
    ['ar', 'ar-AE'],
  ])('names the language as AWS does: %s', (language, code) => {
    expect(languageCodeOf(language)).toBe(code);
  });

  it('refuses a language that AWS has not', async () => {
    await expect(hear(open(), { language: 'la' })).rejects.toMatchObject({ code: 'engine_refused' });
    await expectNothingLeft();
  });
});

describe('an AWS Transcribe that does not do what it should', () => {
  const MANY = Array<number>(ATTEMPTS).fill(0);

  it.each([
    ['has as many jobs as it may', 400, 'LimitExceededException', 'engine_unavailable'],
    ['is throttled', 400, 'ThrottlingException', 'engine_unavailable'],
    ['fails', 500, 'InternalFailureException', 'engine_unavailable'],
    ['is forbidden', 400, 'AccessDeniedException', 'engine_refused'],
    ['does not understand', 400, 'BadRequestException', 'engine_refused'],
  ])('%s', async (_what, status, type, code) => {
    standIn.misbehave(...MANY.map(() => ({ status, type })));
    const error: unknown = await hear().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('vendor');
    await expectNothingLeft();
  });

  it('passes on when to come again', async () => {
    const fault = { status: 429, type: 'ThrottlingException', headers: { 'retry-after': '1' } };
    standIn.misbehave(...MANY.map(() => fault));
    await expect(hear()).rejects.toMatchObject({ code: 'engine_unavailable', details: { retry_after_s: 1 } });
  });

  it('answers with half of its JSON, or not at all', async () => {
    standIn.misbehave('malformed');
    await expect(hear()).rejects.toMatchObject({ code: 'engine_unavailable' });
    standIn.misbehave('mute');
    const unanswered = hear(open({ startLimitMs: 500 }), { durationMs: 10 });
    await expect(unanswered).rejects.toMatchObject({ code: 'engine_timeout' });
    await expectNothingLeft();
  });

  it('does not take a wrong signature', async () => {
    const wrong = hear(open({ secretAccessKey: 'another' }));
    await expect(wrong).rejects.toMatchObject({ code: 'engine_refused' });
  });

  it.each([
    ['The media format provided does not match the detected media format.', 'unsupported_media'],
    ['Internal failure. Please try your request again.', 'engine_unavailable'],
    ['The data in your input file cannot be accessed with your role.', 'engine_refused'],
  ])('fails with a job: %s', async (reason, code) => {
    script.failure = reason;
    await expect(hear()).rejects.toMatchObject({ code });
    await expectNothingLeft();
  });

  it.each([
    'Your audio file must have a speech segment long enough in duration to identify the language.',
    'The input media file length is too small. Check the length of the file and try your request again.',
  ])('hears nothing in what is too short: %s', async (reason) => {
    script.failure = reason;
    expect(await hear()).toEqual({ segments: [] });
    await expectNothingLeft();
  });

  it('writes something else than a transcript', async () => {
    script.output = '{"results": {"items": [{"type": "noise"';
    await expect(hear()).rejects.toMatchObject({ code: 'engine_unavailable' });
    await expectNothingLeft();
  });

  it('is not waited for longer than it may take, nor when nobody waits any more, and the log has what AWS keeps', async () => {
    script.polls = Infinity;
    const left = { job: 'earshot-piece-1', name: 'BadRequestException' };
    const late = hear(open({ startLimitMs: 500 }), { durationMs: 10 });
    await expect(late).rejects.toMatchObject({ code: 'engine_timeout' });
    expect(logged).toMatchObject([left]);
    const stopped = hear(open({ newId: () => 'piece-2' }), { signal: AbortSignal.timeout(500) });
    await expect(stopped).rejects.toMatchObject({ code: 'aborted' });
    expect(logged.at(-1)).toMatchObject({ ...left, job: 'earshot-piece-2' });
    // A job at work cannot be deleted; what it is to hear can.
    expect([...standIn.jobs.keys()]).toEqual(['earshot-piece-1', 'earshot-piece-2']);
    const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(KeyCount).toBe(0);
  });
});
