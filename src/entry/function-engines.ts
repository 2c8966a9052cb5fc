import { readSsml } from '../adapters/saxes/ssml-reader.ts';
import { AppError } from '../domain/app-error.ts';
import type { MediaTool } from '../domain/media-tool.ts';
import type { SpeechDecoder } from '../domain/speech-sound.ts';
import type { Config } from './config.ts';
import type { EngineOptions, Engines } from './home.ts';
import { openSpeechToText } from './open-speech-to-text.ts';
import { openTextToSpeech } from './open-text-to-speech.ts';

/**
 * For functions that only order long work: engines that can be asked what they are, and no tool of its own. Whoever
 * should use one here all the same is refused.
 */
export async function openFunctionEngines(config: Config, { log }: EngineOptions): Promise<Engines> {
  const heardBy = await openSpeechToText(config, log);
  const tool: MediaTool & SpeechDecoder = {
    describe: refuse,
    idleCores: () => 0,
    probe: refuse,
    measureLoudness: refuse,
    encode: refuse,
    speechBytes: () => {
      throw elsewhere();
    },
    decodeSpeech: refuse,
    cutSpeech: refuse,
  };
  return {
    mediaTool: tool,
    speechDecoder: tool,
    speechWorkspaces: {
      open: () => {
        throw elsewhere();
      },
    },
    tagReader: { read: refuse },
    speechToText: heardBy.engine,
    sttHint: heardBy.hint,
    textToSpeech: await openTextToSpeech(config, log),
    readSsml,
  };
}

const elsewhere = (): AppError =>
  new AppError('tool_unavailable', 'Sound is worked on by the worker, not here.');

const refuse = (): Promise<never> => Promise.reject(elsewhere());
