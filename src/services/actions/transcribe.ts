import { AppError, isAppError } from '../../domain/app-error.ts';
import { originalExtension } from '../../domain/filename.ts';
import type { AsyncRequest, JsonValue } from '../../domain/request.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';
import { toPlainText } from '../../domain/transcript-format.ts';
import type { Transcript, TranscriptSegment } from '../../domain/transcript.ts';
import { getRecord } from '../audio-files.ts';
import { debugDetails } from '../debug-details.ts';
import { keepDebugFiles, type DebugFile } from '../debug-files.ts';
import { findHeard, keepHeard, type HeardKey } from '../heard-cache.ts';
import { translateLocalFileError } from '../local-file-error.ts';
import { noEngine } from '../order-transcription.ts';
import type { Ports } from '../ports.ts';
import {
  endTranscriptRequest,
  saveTranscript,
  setTranscriptStatus,
  type TranscriptPorts,
} from '../save-transcript.ts';
import { countEnd } from '../speech-tally.ts';
import { isOfUpload, parseTranscribeJob } from '../transcribe-job.ts';
import type { TranscribeFileJob, TranscribeJob, TranscribeUploadJob } from '../transcribe-job.ts';
import { failureOf, type ActionContext } from './action.ts';
import {
  hearRecording,
  type HeardRecording,
  type HearOptions,
  type HearPorts,
  type Recording,
} from './transcribe/hear-recording.ts';

export type TranscribePorts = TranscriptPorts &
  HearPorts &
  Pick<Ports, 'speechToText' | 'speechWorkspaces' | 'log'>;

/** Pieces that are kept of one run. */
const MAX_DEBUG_PIECES = 5;

/**
 * Transcribes a file of the library, whose transcript is replaced whole or not at all, or an upload of which nothing is
 * kept. A second run comes to the same end.
 */
export async function transcribe(
  ports: TranscribePorts,
  request: AsyncRequest,
  context: ActionContext,
): Promise<JsonValue> {
  const job = parseTranscribeJob(request);
  const { speechTally: tally } = ports;
  try {
    return await (isOfUpload(job) ? hearUpload(ports, job, context) : transcribeFile(ports, job, context));
  } catch (error) {
    if (context.signal.aborted) {
      // What was put down after the cancel had cleared away. Any other abort is no failure: it goes on later.
      if (isAppError(context.signal.reason, 'cancelled')) await settleCancelled(ports, job);
      throw error;
    }
    const failure = failureOf(error);
    countEnd(tally, failure.code);
    const isFinal = !failure.retryable || context.isLastAttempt;
    if (isFinal) await settleTranscribeFailure(ports, job, failure.message, failure.retryable);
    throw error;
  }
}

async function transcribeFile(
  ports: TranscribePorts,
  job: TranscribeFileJob,
  context: ActionContext,
): Promise<JsonValue> {
  const { tenantId, requestId, payload } = job;
  const { filename } = payload;
  const engine = engineOf(ports);
  const file = await getRecord(ports, tenantId, filename);
  const objectKey = file.originalKey ?? file.part?.key;
  if (objectKey === undefined) throw new AppError('conflict', 'The file has no audio any more.');
  await setTranscriptStatus(ports, tenantId, filename, 'processing', { ofRequestId: requestId });
  const language = payload.language ?? ports.policy.speech.language;
  const key: HeardKey = { tenantId, originalSha256: file.originalSha256, engine, language };
  const known = await findHeard(ports, key, context.signal);
  let transcript = known;
  if (transcript === null) {
    const recording = await recordingOf(ports, objectKey, file.originalFilename);
    const heard = await hear(ports, engine, job, recording, { language }, context);
    transcript = { segments: heard.segments, language: heard.language, source: engine.id };
    await keepHeard(ports, key, transcript);
  }
  context.signal.throwIfAborted();
  await saveTranscript(ports, tenantId, filename, transcript, {
    ifOriginalSha256: file.originalSha256,
    ofRequestId: requestId,
  });
  countEnd(ports.speechTally, known === null ? 'completed' : 'cached');
  return { filename, ...describe(transcript), segment_count: transcript.segments.length };
}

async function hearUpload(
  ports: TranscribePorts,
  job: TranscribeUploadJob,
  context: ActionContext,
): Promise<JsonValue> {
  const engine = engineOf(ports);
  const { upload_key: key, original_filename: name, from_ms: fromMs, to_ms: toMs } = job.payload;
  const language = job.payload.language ?? ports.policy.speech.language;
  const recording = await recordingOf(ports, key, name);
  const heard = await hear(ports, engine, job, recording, { language, fromMs, toMs }, context);
  const transcript: Transcript = { segments: heard.segments, language: heard.language, source: engine.id };
  countEnd(ports.speechTally, 'completed');
  return {
    ...describe(transcript),
    duration: Math.round(heard.durationMs) / 1000,
    transcript: toPlainText(transcript),
    segments: heard.segments.map(toWireSegment),
  };
}

const describe = ({ language, source }: Transcript) => ({ language: language ?? null, engine: source });

const toWireSegment = ({ startMs, endMs, text }: TranscriptSegment) => ({
  start_s: startMs / 1000,
  end_s: endMs / 1000,
  text,
});

async function recordingOf(
  { objects }: Pick<Ports, 'objects'>,
  key: string,
  originalFilename: string,
): Promise<Recording> {
  const found = await objects.find(key);
  if (found === null) throw new AppError('not_found', 'The recording is not there any more.');
  return {
    extension: originalExtension(originalFilename),
    sizeBytes: found.sizeBytes,
    read: (signal) => objects.read(key, undefined, signal),
  };
}

/** In a workspace of its own, of which nothing is left whatever happens. */
async function hear(
  ports: TranscribePorts,
  engine: SpeechToText,
  job: TranscribeJob,
  recording: Recording,
  options: HearOptions,
  context: ActionContext,
): Promise<HeardRecording> {
  const { debugUploads } = ports.policy.speech;
  const { requestId, userId } = job;
  const workspace = ports.speechWorkspaces.open();
  const beganMs = ports.clock();
  const files: DebugFile[] = [];
  const onFile = (file: DebugFile) => void files.push(file);
  try {
    const heard = await hearRecording(ports, engine, recording, workspace, options, { ...context, onFile });
    if (debugUploads === 'always') {
      await keepDebugFiles(ports, { requestId, userId }, files.slice(0, 1 + MAX_DEBUG_PIECES));
    }
    return heard;
  } catch (caught) {
    const error = translateLocalFileError(caught);
    if (debugUploads === 'off' || context.signal.aborted) throw error;
    const { code, message, retryable } = failureOf(error);
    // Of each attempt, a week of the same input would be kept once more.
    if (retryable && !context.isLastAttempt) throw error;
    const input = files.filter(({ kind }) => kind === 'input');
    const last = files.filter(({ kind }) => kind === 'output').slice(-1);
    const keys = await keepDebugFiles(ports, { requestId, userId, errorType: code }, [...input, ...last]);
    throw withDebugFiles(error, code, message, debugDetails(code, userId, keys));
  } finally {
    const cleared = await workspace.clear();
    ports.speechTally.clearedFiles += cleared.count;
    ports.speechTally.clearFailures += cleared.failures;
    const { count, bytes, failures } = cleared;
    const ms = ports.clock() - beganMs;
    context.log.info(
      { sizeBytes: recording.sizeBytes, ms, count, bytes, failures },
      'a recording was worked on, and its temporary files cleared',
    );
  }
}

function withDebugFiles(
  error: unknown,
  code: AppError['code'],
  message: string,
  details: Readonly<Record<string, unknown>>,
): AppError {
  if (!(error instanceof AppError)) return new AppError(code, message, { cause: error, details });
  return new AppError(code, message, {
    cause: error,
    errors: error.errors,
    details: { ...error.details, ...details },
  });
}

function engineOf({ speechToText }: Pick<Ports, 'speechToText'>): SpeechToText {
  if (speechToText === null) throw noEngine();
  return speechToText;
}

/**
 * What remains of a job that has failed for good: a record that says why; an upload only where trying again could help.
 * Idempotent; what it cannot clear away is left to the sweeps.
 */
export async function settleTranscribeFailure(
  ports: TranscriptPorts & Pick<Ports, 'log'>,
  job: TranscribeJob,
  message: string,
  isRetryable: boolean,
): Promise<void> {
  try {
    if (isOfUpload(job)) {
      if (!isRetryable) await ports.objects.delete(job.payload.upload_key);
    } else {
      await endTranscriptRequest(ports, recordOf(job), { status: 'failed', error: message });
    }
  } catch (error) {
    const { requestId } = job;
    ports.log.warn({ requestId, error }, 'what a failed transcription left could not be cleared away');
  }
}

/** What remains of a job that was cancelled: a record that says so, and no upload. Idempotent. */
export async function settleCancelled(ports: TranscriptPorts, job: TranscribeJob): Promise<void> {
  if (isOfUpload(job)) await ports.objects.delete(job.payload.upload_key);
  else await endTranscriptRequest(ports, recordOf(job), { status: 'cancelled' });
}

const recordOf = ({ tenantId, requestId, payload: { filename } }: TranscribeFileJob) => ({
  tenantId,
  requestId,
  filename,
});
