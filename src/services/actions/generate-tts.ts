import { isAppError } from '../../domain/app-error.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import type { AsyncRequest, JsonValue } from '../../domain/request.ts';
import { getRecord } from '../audio-files.ts';
import type { IngestPorts } from '../ingest-job.ts';
import { translateLocalFileError } from '../local-file-error.ts';
import { reserveFilename } from '../reserve-filename.ts';
import { saveTranscript } from '../save-transcript.ts';
import { deleteSpeech, ingestJobOf, parseSpeechJob, type SpeechJob } from '../speech-job.ts';
import { failureOf, type ActionContext } from './action.ts';
import { speakText, type SpeakPorts } from './generate-tts/speak-text.ts';
import { findSpoken, type SpokenSound } from './generate-tts/spoken-sound.ts';
import { ingest } from './ingest.ts';
import { settleFailure } from './ingest/settle-failure.ts';

export type GenerateTtsPorts = IngestPorts & SpeakPorts & Parameters<typeof saveTranscript>[0];

/** Of the percentage, what speaking takes; the rest is the ingest's. */
const SPEAKING = 60;
/** What an ingest is kept from showing: the transcript comes after it. */
const TAKEN_IN = 99;

/**
 * Speaks a text and takes what was spoken into the library, with the text as its transcript. A second run after a crash
 * speaks again from the start, or goes on with the ingest of what was spoken whole.
 */
export async function generateTts(
  ports: GenerateTtsPorts,
  request: AsyncRequest,
  context: ActionContext,
): Promise<JsonValue> {
  const job = parseSpeechJob(request);
  try {
    // The order has done so, unless there was a crash; or somebody else has the name.
    await reserveFilename(ports, ingestJobOf(job));
    const sound =
      (await findSpoken(ports, job)) ?? (await speakText(ports, job, context, reporter(job, context)));
    const { payload } = ingestJobOf(job, sound);
    await ingest(ports, { ...request, payload: { ...payload } }, ingestContext(context));
    const file = await addTranscript(ports, job, sound, context);
    await deleteSpeech(ports, job.requestId);
    const { filename, characters } = job.payload;
    return { filename, duration: file.durationMs / 1000, characters };
  } catch (caught) {
    const error = translateLocalFileError(caught);
    await settle(ports, job, error, context);
    throw error;
  }
}

/** Clears away what a job leaves that nobody goes on with: all of it when it was cancelled, or cannot succeed. */
export async function settleSpeech(
  ports: IngestPorts,
  job: SpeechJob,
  failure: ReturnType<typeof failureOf>,
): Promise<void> {
  await settleFailure(ports, ingestJobOf(job), failure);
  if (failure.retryable) return;
  try {
    await deleteSpeech(ports, job.requestId);
  } catch (error) {
    // They are swept.
    ports.log.warn({ requestId: job.requestId, error }, 'what was to be spoken could not be cleared away');
  }
}

export const CANCELLED = { code: 'cancelled', message: 'It was cancelled.', retryable: false } as const;

async function settle(
  ports: IngestPorts,
  job: SpeechJob,
  error: unknown,
  { signal, isLastAttempt }: ActionContext,
): Promise<void> {
  if (signal.aborted) {
    // What was put down after the cancel had cleared away. Any other abort is no failure: it goes on later.
    if (isAppError(signal.reason, 'cancelled')) await settleSpeech(ports, job, CANCELLED);
    return;
  }
  const failure = failureOf(error);
  if (!failure.retryable || isLastAttempt) await settleSpeech(ports, job, failure);
}

const reporter =
  ({ payload: { characters } }: SpeechJob, { report }: ActionContext) =>
  (share: number, charactersDone: number): void => {
    const details = { characters_done: Math.min(charactersDone, characters), characters };
    report(Math.floor(share * SPEAKING), 'speaking', details);
  };

const ingestContext = (context: ActionContext): ActionContext => ({
  ...context,
  report: (percentage, message, details) => {
    const scaled = SPEAKING + (percentage * (TAKEN_IN - SPEAKING)) / 100;
    context.report(Math.floor(scaled), message, details);
  },
});

async function addTranscript(
  ports: GenerateTtsPorts,
  { tenantId, payload: { filename } }: SpeechJob,
  { segments, language, sha256 }: SpokenSound,
  { report, log }: ActionContext,
): Promise<AudioFile> {
  report(TAKEN_IN, 'storing the transcript');
  const transcript = { segments, language, source: 'text' };
  try {
    return await saveTranscript(ports, tenantId, filename, transcript, {
      ifOriginalSha256: sha256,
      // A run before this one came so far, and somebody may have edited it since.
      isExpected: (current) => !current.hasTranscript,
    });
  } catch (error) {
    if (!isAppError(error, 'conflict') && !isAppError(error, 'precondition_failed')) throw error;
    log.info({ filename }, 'the file has other audio, or a transcript, by now: it gets none of this');
    return getRecord(ports, tenantId, filename);
  }
}
