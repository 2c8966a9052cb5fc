import { openMediaTool } from '../adapters/ffmpeg/open-media-tool.ts';
import type { MediaTool } from '../domain/media-tool.ts';
import type { TextToSpeech } from '../domain/text-to-speech.ts';
import type { DiagnosisCheck } from '../services/diagnosis.ts';
import type { Ports } from '../services/ports.ts';
import type { Config } from './config.ts';
import {
  checkAccess,
  checkAudio,
  checkPort,
  checkRecords,
  checkSpace,
  checkStreams,
  checkTemporary,
  sentence,
  type Finding,
} from './diagnosis-places.ts';
import { createLogger } from './logger.ts';
import { findSpeechToText, type FoundSpeechToText } from './open-speech-to-text.ts';
import { openTextToSpeech } from './open-text-to-speech.ts';

/** The ports of a server that are looked at as they are, in place of opening everything once more. */
export type RunningPorts = Pick<
  Ports,
  'mediaTool' | 'settings' | 'speechToText' | 'sttHint' | 'streamStorage' | 'textToSpeech'
>;

/**
 * Looks at all that a server needs of its surroundings, one after the other: what `doctor` prints, and the operator's page
 * shows.
 * @param running of the server that asks; null where none is known to run
 */
export async function* diagnosisOf(
  config: Config,
  running: RunningPorts | null = null,
): AsyncGenerator<DiagnosisCheck> {
  const engines = running === null ? findEngines(config) : enginesIn(running);
  const checks: Readonly<Record<string, () => Promise<Finding>>> = {
    node: async () => ({ status: 'ok', detail: `Node ${process.versions.node}` }),
    temporary_files: () => checkTemporary(config),
    ffmpeg: () => checkFfmpeg(engines),
    speech_to_text: () => checkHearing(engines),
    text_to_speech: () => checkSpeaking(engines),
    audio: () => checkAudio(config),
    records: () => checkRecords(config, running),
    streams: () => checkStreams(config, running),
    space: () => checkSpace(config),
    // The server that asks has it.
    ...(running === null && { port: () => checkPort(config) }),
    access: async () => checkAccess(config),
  };
  for (const [name, check] of Object.entries(checks)) yield { name, ...(await check()) };
}

interface Engines {
  mediaTool(): Promise<Pick<MediaTool, 'describe'>>;
  hearing(): Promise<FoundSpeechToText>;
  speaking(): Promise<TextToSpeech | null>;
}

const findEngines = (config: Config): Engines => {
  const log = createLogger('silent', false);
  const { ffmpegPath, searchPath, tempDir, maxAudioHours } = config;
  return {
    mediaTool: () => openMediaTool({ ffmpegPath, searchPath, tempDir, maxAudioHours, log }),
    hearing: () => findSpeechToText(config, log),
    speaking: () => openTextToSpeech(config, log),
  };
};

const enginesIn = ({ mediaTool, speechToText, sttHint, textToSpeech }: RunningPorts): Engines => ({
  mediaTool: async () => mediaTool,
  hearing: async () => ({ engine: speechToText, hint: sttHint }),
  speaking: async () => textToSpeech,
});

async function checkFfmpeg(engines: Engines): Promise<Finding> {
  try {
    const { kind, path, version } = await (await engines.mediaTool()).describe();
    if (kind === 'native') return { status: 'ok', detail: `ffmpeg ${version} at ${path}` };
    return {
      status: 'ok',
      detail: `ffmpeg ${version}, the WebAssembly build that came along; files over 500 MB need ffmpeg installed`,
    };
  } catch (error) {
    const detail = `ffmpeg does not run: ${sentence(error)} Set FFMPEG_PATH, or unset it.`;
    return { status: 'failed', detail };
  }
}

/** Without a word to a remote engine: whether its key is right is seen when it is used. */
async function checkHearing(engines: Engines): Promise<Finding> {
  try {
    const { engine, hint } = await engines.hearing();
    if (engine !== null) {
      const { kind, model } = await engine.describe();
      return { status: 'ok', detail: `speech is heard by ${kind} (${model})` };
    }
    if (hint === '') return { status: 'ok', detail: 'speech is not transcribed (STT_ENGINE=off)' };
    return { status: 'warning', detail: `no engine hears speech. To get one: ${hint}` };
  } catch (error) {
    return { status: 'failed', detail: lineOf(error) };
  }
}

async function checkSpeaking(engines: Engines): Promise<Finding> {
  try {
    const engine = await engines.speaking();
    if (engine === null) return { status: 'ok', detail: 'text is not spoken (TTS_ENGINE=off)' };
    const { kind, model } = await engine.describe();
    return { status: 'ok', detail: `text is spoken by ${kind} (${model})` };
  } catch (error) {
    return { status: 'failed', detail: lineOf(error) };
  }
}

/** Of a ConfigError the line that names the variable. */
const lineOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n').at(-1)?.trim() ?? '';
