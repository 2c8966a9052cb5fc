import type { Log } from '../domain/log.ts';
import type { TextToSpeech } from '../domain/text-to-speech.ts';
import type { Config } from './config.ts';

/**
 * The engine that is named, or with `auto` the best that is there.
 * @returns null when there is none, or `off`
 */
export async function openTextToSpeech(_config: Config, _log: Log): Promise<TextToSpeech | null> {
  return null;
}
