import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '../../../domain/abort.ts';
import { AppError } from '../../../domain/app-error.ts';
import { uploadKey } from '../../../domain/object-key.ts';
import { isSpeakable, type SpeechText } from '../../../domain/speech-text.ts';
import { characterCount, splitText } from '../../../domain/split-text.ts';
import { splitSsml, type SpeechPiece } from '../../../domain/ssml.ts';
import type { TextToSpeech } from '../../../domain/text-to-speech.ts';
import type { TranscriptSegment } from '../../../domain/transcript.ts';
import { engineOf } from '../../order-speech.ts';
import type { Ports } from '../../ports.ts';
import { readSpeechText, type SpeechJob } from '../../speech-job.ts';
import type { ActionContext } from '../action.ts';
import { segmentsOf } from './spoken-segments.ts';
import { keepSpoken, type SpokenSound } from './spoken-sound.ts';
import { WavWriter } from './wav-writer.ts';

export type SpeakPorts = Pick<Ports, 'objects' | 'policy' | 'readSsml' | 'textToSpeech'>;

/** Speaks a text piece by piece into one WAV, and puts it where the ingest looks for it. @param report 0 to 1 */
export async function speakText(
  ports: SpeakPorts,
  job: SpeechJob,
  { signal, log }: Pick<ActionContext, 'signal' | 'log'>,
  report: (share: number, charactersDone: number) => void,
): Promise<SpokenSound> {
  const engine = engineOf(ports);
  const pieces = piecesOf(ports, engine, await readSpeechText(ports, job.requestId, signal));
  const language = await languageOf(engine, job.payload.voice, signal);
  const workDir = await mkdtemp(join(ports.policy.tempDir, 'speech-'));
  try {
    const writer = await WavWriter.create(join(workDir, 'speech.wav'), engine.sampleRateHz);
    try {
      const segments = await speakPieces(engine, pieces, { job, writer, signal, report });
      const { path, sizeBytes, sha256, samples } = await writer.finish();
      if (samples === 0) throw new AppError('engine_refused', 'The speech engine said nothing of this text.');
      log.info({ engine: engine.kind, pieces: pieces.length, samples, sizeBytes }, 'a text was spoken');
      const sound: SpokenSound = { sizeBytes, sha256, segments, language };
      throwIfAborted(signal);
      await keepSpoken(ports, job.requestId, sound);
      await ports.objects.takeFile(uploadKey(job.requestId), path);
      return sound;
    } finally {
      await writer.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** @returns undefined for a voice that speaks whatever it is given */
async function languageOf(
  engine: TextToSpeech,
  voice: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const id = voice ?? (await engine.defaultVoice(signal));
  const language = (await engine.voices(signal)).find((each) => each.id === id)?.language;
  return language === '*' ? undefined : language;
}

function piecesOf(
  { readSsml }: Pick<Ports, 'readSsml'>,
  { maxCharacters }: TextToSpeech,
  { text, isSsml }: SpeechText,
): (SpeechPiece & { readonly isSsml: boolean })[] {
  const pieces = isSsml
    ? splitSsml(readSsml(text), maxCharacters)
    : splitText(text, maxCharacters)
        .filter(isSpeakable)
        .map((piece) => ({ content: piece, spoken: piece }));
  return pieces.map((piece) => ({ ...piece, isSsml }));
}

interface Speaking {
  readonly job: SpeechJob;
  readonly writer: WavWriter;
  readonly signal: AbortSignal;
  readonly report: (share: number, charactersDone: number) => void;
}

async function speakPieces(
  engine: TextToSpeech,
  pieces: ReturnType<typeof piecesOf>,
  { job: { payload }, writer, signal, report }: Speaking,
): Promise<TranscriptSegment[]> {
  const segments: TranscriptSegment[] = [];
  const lengths = pieces.map(({ content }) => characterCount(content));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const nowMs = () => Math.round((writer.samples * 1000) / engine.sampleRateHz);
  let done = 0;
  report(0, 0);
  for (const [index, { content, spoken, isSsml }] of pieces.entries()) {
    throwIfAborted(signal);
    const startMs = nowMs();
    for await (const chunk of engine.speak(content, {
      voiceId: payload.voice,
      speed: payload.speed,
      isSsml,
      signal,
    })) {
      await writer.write(chunk);
    }
    // Half a sample would make noise of all that comes after it.
    if (writer.endsWithinSample) {
      throw new AppError('engine_unavailable', 'The speech engine broke off within a sample.');
    }
    segments.push(...segmentsOf({ spoken, startMs, endMs: nowMs() }));
    done += lengths[index] ?? 0;
    report(done / total, done);
  }
  return segments;
}
