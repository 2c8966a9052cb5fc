import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DeleteTranscriptionJobCommand,
  GetTranscriptionJobCommand,
  StartTranscriptionJobCommand,
  type TranscribeClient,
} from '@aws-sdk/client-transcribe';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { NewId } from '../../domain/clock.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToText, SpeechToTextOptions } from '../../domain/speech-to-text.ts';
import { errorName } from '../aws/error-name.ts';
import { failureOfJob, translateAwsError } from './transcribe-error.ts';
import { languageCodeOf, readResult } from './transcribe-result.ts';

export interface TranscribeOptions {
  readonly transcribe: TranscribeClient;
  readonly s3: S3Client;
  /** In the region of the service: pieces go there and transcripts come back. */
  readonly bucket: string;
  readonly newId: NewId;
  readonly log: Log;
  readonly firstPollMs?: number | undefined;
  /** For a piece of no length; for a test. */
  readonly startLimitMs?: number | undefined;
}

const PREFIX = 'transcribe/';
/** A job costs half a minute before it begins. */
const MAX_PIECE_MS = 60 * 60_000;
const FIRST_POLL_MS = 2000;
const MAX_POLL_MS = 15_000;
const POLL_GROWTH = 1.5;
/** Jobs wait in a queue of AWS's, and then take a fifth of the piece. */
const START_LIMIT_MS = 15 * 60_000;
const MAX_RESULT_BYTES = 64 * 1024 * 1024;

interface Job {
  readonly name: string;
  readonly inputKey: string;
  readonly outputKey: string;
}

/**
 * AWS Transcribe, by batch jobs. Nothing of one stays in the bucket, but for what a job that nobody waits for any more
 * writes in the end: services/sweep-expired.ts.
 */
export function createTranscribe(options: TranscribeOptions): SpeechToText {
  const { newId, startLimitMs = START_LIMIT_MS, log } = options;
  return {
    kind: 'aws',
    id: 'aws:standard',
    input: { format: 'mp3', maxPieceMs: MAX_PIECE_MS },
    isLocal: false,
    describe: async () => ({ kind: 'aws', model: 'standard' }),

    async transcribe(path, { language, durationMs, signal }) {
      throwIfAborted(signal);
      const id = newId();
      const job: Job = {
        name: `earshot-${id}`,
        inputKey: `${PREFIX}${id}.mp3`,
        outputKey: `${PREFIX}${id}.json`,
      };
      const deadline = AbortSignal.timeout(startLimitMs + durationMs);
      const ended = AbortSignal.any([signal, deadline]);
      try {
        await start(options, job, path, language, ended);
        const reason = await untilEnded(options, job, ended);
        if (reason === null) return readResult(await readOutput(options, job, ended), durationMs);
        log.warn(
          { engine: 'aws', job: job.name, reason: reason.slice(0, 300) },
          'a transcription job failed',
        );
        const failure = failureOfJob(reason);
        if (failure !== null) throw failure;
        return { segments: [] };
      } catch (error) {
        if (deadline.aborted && !signal.aborted) {
          throw new AppError('engine_timeout', 'The speech engine did not answer in time.', { cause: error });
        }
        const failure = translateAwsError(error, signal);
        log.warn(
          { engine: 'aws', name: errorName(error), error: failure.code },
          'a transcription did not succeed',
        );
        throw failure;
      } finally {
        await remove(options, job);
      }
    },
  };
}

async function start(
  { s3, transcribe, bucket }: TranscribeOptions,
  { name, inputKey, outputKey }: Job,
  path: string,
  language: SpeechToTextOptions['language'],
  abortSignal: AbortSignal,
): Promise<void> {
  const spoken =
    language === undefined ? { IdentifyLanguage: true } : { LanguageCode: languageCodeOf(language) };
  const { size: ContentLength } = await stat(path);
  const Body = createReadStream(path);
  try {
    const piece = { Bucket: bucket, Key: inputKey, Body, ContentLength, ContentType: 'audio/mpeg' };
    await s3.send(new PutObjectCommand(piece), { abortSignal });
  } finally {
    Body.destroy();
  }
  const request = new StartTranscriptionJobCommand({
    TranscriptionJobName: name,
    Media: { MediaFileUri: `s3://${bucket}/${inputKey}` },
    MediaFormat: 'mp3',
    OutputBucketName: bucket,
    OutputKey: outputKey,
    ...spoken,
  });
  await transcribe.send(request, { abortSignal }).catch((error: unknown) => {
    // The name is ours alone: an attempt whose answer was lost has started it.
    if (errorName(error) !== 'ConflictException') throw error;
  });
}

/** @returns why it failed; null when it is completed */
async function untilEnded(
  { transcribe, firstPollMs = FIRST_POLL_MS }: TranscribeOptions,
  { name }: Job,
  abortSignal: AbortSignal,
): Promise<string | null> {
  for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pauseMs * POLL_GROWTH, MAX_POLL_MS)) {
    await setTimeout(pauseMs, undefined, { signal: abortSignal });
    const asked = new GetTranscriptionJobCommand({ TranscriptionJobName: name });
    const { TranscriptionJob: job } = await transcribe.send(asked, { abortSignal });
    if (job?.TranscriptionJobStatus === 'COMPLETED') return null;
    if (job?.TranscriptionJobStatus === 'FAILED') return job.FailureReason ?? '';
  }
}

async function readOutput(
  { s3, bucket }: TranscribeOptions,
  { outputKey }: Job,
  abortSignal: AbortSignal,
): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: outputKey }), { abortSignal });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of Body as AsyncIterable<Uint8Array>) {
    throwIfAborted(abortSignal);
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_RESULT_BYTES) {
      throw new AppError('engine_unavailable', 'The speech engine answers with more than can be read.');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Also when nobody waits any more. What is not removed is logged: it costs money and is somebody's speech. */
async function remove({ s3, transcribe, bucket, log }: TranscribeOptions, job: Job): Promise<void> {
  const results = await Promise.allSettled([
    s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: job.inputKey })),
    transcribe
      .send(new DeleteTranscriptionJobCommand({ TranscriptionJobName: job.name }))
      .finally(() => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: job.outputKey }))),
  ]);
  for (const result of results) {
    if (result.status === 'rejected' && !isGone(result.reason)) {
      log.warn(
        { engine: 'aws', job: job.name, bucket, name: errorName(result.reason) },
        'something of a transcription is left in the bucket or among the jobs of AWS Transcribe',
      );
    }
  }
}

/** So of a job that there is not, since it never began. One that is at work is a bad request too: AWS stops none. */
const isGone = (error: unknown): boolean =>
  errorName(error) === 'NotFoundException' ||
  (errorName(error) === 'BadRequestException' && /\bfound\b/i.test(String(error)));
