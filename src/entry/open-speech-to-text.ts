import type { Log } from '../domain/log.ts';
import type { SpeechToText } from '../domain/speech-to-text.ts';
import type { Config } from './config.ts';

/**
 * The engine that is named, or with `auto` the best that is there.
 * @returns null when there is none, or `off`
 */
export async function openSpeechToText(_config: Config, _log: Log): Promise<SpeechToText | null> {
  return null;
}
