import { AppError, isAppError, ValidationError } from '../domain/app-error.ts';
import { parseTitle } from '../domain/audio-details.ts';
import type { Caller } from '../domain/caller.ts';
import { filenameFor } from '../domain/filename.ts';
import type { AsyncRequest } from '../domain/request.ts';
import { MAX_SPEED, MIN_SPEED, parseSpeechText, type SpeechText } from '../domain/speech-text.ts';
import type { TextToSpeech, Voice } from '../domain/text-to-speech.ts';
import { DEFAULT_RETRY, type RequestOrigin } from './actions/action.ts';
import { authorize } from './authorize.ts';
import { freeWhenFailed } from './enqueue-ingest.ts';
import type { Ports } from './ports.ts';
import { reserveFilename } from './reserve-filename.ts';
import { deleteSpeech, ingestJobOf, isSpeed, writeSpeechText, type SpeechJob } from './speech-job.ts';

/** What somebody asks to have spoken, as it came. */
export interface SpeechOrder {
  /** Its name in the library; what is no `.mp3` becomes one. */
  readonly filename: string;
  /** Text, or a `<speak>` document. */
  readonly text: string;
  /** One of the engine's; without it, the engine's own. */
  readonly voice?: string | undefined;
  /** 1 without it. */
  readonly speed?: number | undefined;
  readonly title?: string | undefined;
}

export type OrderSpeechPorts = Pick<
  Ports,
  'audioFiles' | 'clock' | 'log' | 'newId' | 'objects' | 'queue' | 'readSsml' | 'textToSpeech' | 'wakeWorkers'
>;

/** An engine may have to be asked over the network. */
const VOICES_MS = 10_000;

/**
 * Asks to have a text spoken into a file of the library. Its record is there, `processing`, when this returns. A crash
 * between any two steps leaves a text that expires, or a request that takes the name itself.
 *
 * @throws invalid_input naming `text`, `voice`, `speed`, `filename` or `title`; already_exists; engine_unavailable when
 * there is none
 */
export async function orderSpeech(
  ports: OrderSpeechPorts,
  caller: Caller | null,
  order: SpeechOrder,
  origin: RequestOrigin = {},
): Promise<AsyncRequest> {
  const { tenantId, userId } = authorize(caller, 'write');
  const filename = filenameFor(order.filename);
  const title = order.title === undefined ? '' : parseTitle(order.title);
  const speed = order.speed ?? 1;
  if (!isSpeed(speed)) throw new ValidationError('speed', `A number from ${MIN_SPEED} to ${MAX_SPEED}.`);
  const engine = engineOf(ports);
  const speech = parseSpeechText(order.text);
  if (speech.isSsml) checkMarkup(ports, engine, speech);
  if (order.voice !== undefined) await checkVoice(ports, engine, order.voice);
  const taken = await ports.audioFiles.find(tenantId, filename);
  if (taken !== null && taken.state !== 'failed') {
    throw new AppError('already_exists', `There is a file "${filename}" already.`, { details: { filename } });
  }

  const requestId = ports.newId();
  const job: SpeechJob = {
    requestId,
    tenantId,
    userId,
    payload: {
      filename,
      speed,
      characters: speech.characters,
      ...(title !== '' && { title }),
      ...(order.voice !== undefined && { voice: order.voice }),
    },
  };
  await writeSpeechText(ports, requestId, speech);
  const request = await enqueue(ports, job, origin);
  const ingestJob = ingestJobOf(job);
  try {
    // Where somebody else was quicker, the request finds the same, and clears up.
    await reserveFilename(ports, ingestJob);
    await freeWhenFailed(ports, ingestJob);
  } finally {
    ports.wakeWorkers();
  }
  ports.log.info(
    { requestId, filename, tenantId, userId, characters: speech.characters, engine: engine.kind },
    'text to be spoken accepted',
  );
  return request;
}

async function enqueue(
  ports: Pick<Ports, 'objects' | 'queue'>,
  job: SpeechJob,
  origin: RequestOrigin,
): Promise<AsyncRequest> {
  try {
    return await ports.queue.enqueue({
      ...job,
      action: 'generate_tts',
      payload: { ...job.payload },
      maxRetries: DEFAULT_RETRY.maxRetries,
      ...origin,
    });
  } catch (error) {
    await deleteSpeech(ports, job.requestId);
    throw error;
  }
}

/** What can be asked of the engine. */
export interface EngineVoices {
  readonly engine: TextToSpeech['kind'];
  readonly voices: readonly Voice[];
  /** What speaks where no voice is named. */
  readonly defaultVoice: string;
}

/** @throws engine_unavailable when there is none, and what else the engine throws */
export async function listVoices(
  ports: Pick<Ports, 'textToSpeech'>,
  caller: Caller | null,
  signal: AbortSignal,
): Promise<EngineVoices> {
  authorize(caller, 'read');
  const engine = engineOf(ports);
  const voices = await engine.voices(signal);
  return { engine: engine.kind, voices, defaultVoice: await engine.defaultVoice(signal) };
}

/** @throws engine_unavailable when there is none */
export function engineOf({ textToSpeech }: Pick<Ports, 'textToSpeech'>): TextToSpeech {
  if (textToSpeech !== null) return textToSpeech;
  throw new AppError(
    'engine_unavailable',
    'This server has no engine that speaks: its operator has switched it off. TTS_ENGINE=auto takes the best that is there.',
  );
}

/** @throws invalid_input naming `text` */
function checkMarkup(
  { readSsml }: Pick<Ports, 'readSsml'>,
  engine: TextToSpeech,
  { text }: SpeechText,
): void {
  if (!engine.takesSsml) {
    throw new ValidationError('text', 'The engine that speaks here takes no SSML. Send the text alone.');
  }
  readSsml(text);
}

async function checkVoice({ log }: Pick<Ports, 'log'>, engine: TextToSpeech, voice: string): Promise<void> {
  let voices: readonly Voice[];
  try {
    voices = await engine.voices(AbortSignal.timeout(VOICES_MS));
  } catch (error) {
    if (!isAppError(error) || error.code === 'internal') throw error;
    // The request meets it again, and is tried again where that helps.
    log.warn({ engine: engine.kind, code: error.code }, 'the voices of the engine cannot be had just now');
    return;
  }
  if (!voices.some(({ id }) => id === voice)) {
    throw new ValidationError(
      'voice',
      'There is no such voice. GET /api/audio/tts/voices tells which there are.',
    );
  }
}
