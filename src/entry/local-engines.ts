import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMediaTool } from '../adapters/ffmpeg/open-media-tool.ts';
import { openSpeechWorkspaces } from '../adapters/files/speech-workspaces.ts';
import { readSsml } from '../adapters/saxes/ssml-reader.ts';
import { createTagReader } from '../adapters/tags/tag-reader.ts';
import { isAppError } from '../domain/app-error.ts';
import type { MediaTool } from '../domain/media-tool.ts';
import type { SpeechDecoder } from '../domain/speech-sound.ts';
import type { Config } from './config.ts';
import { unusable } from './config-error.ts';
import type { EngineOptions, Engines } from './home.ts';
import { openSpeechToText } from './open-speech-to-text.ts';
import { openTextToSpeech } from './open-text-to-speech.ts';

/** ffmpeg and all that works on this machine: for processes that do long work. @throws ConfigError */
export async function openLocalEngines(config: Config, options: EngineOptions): Promise<Engines> {
  const { clock, log, onClose } = options;
  const workspaces = await openSpeechWorkspaces({
    systemTempDir: tmpdir(),
    fallbackDir: join(config.tempDir, 'speech'),
    maxBytes: config.speech.workspaceBytes,
    clock,
    log,
  });
  onClose(() => workspaces.close());
  const tool = await openConfiguredMediaTool(config, options);
  const heardBy = await openSpeechToText(config, log);
  return {
    mediaTool: tool,
    speechDecoder: tool,
    speechWorkspaces: workspaces,
    tagReader: createTagReader(),
    speechToText: heardBy.engine,
    sttHint: heardBy.hint,
    textToSpeech: await openTextToSpeech(config, log),
    readSsml,
  };
}

async function openConfiguredMediaTool(
  { ffmpegPath, searchPath, maxAudioHours }: Config,
  { tempDir, log }: EngineOptions,
): Promise<MediaTool & SpeechDecoder> {
  try {
    return await openMediaTool({ ffmpegPath, searchPath, tempDir, maxAudioHours, log });
  } catch (error) {
    if (!isAppError(error, 'tool_unavailable')) throw error;
    throw unusable('FFMPEG_PATH', error.message);
  }
}
