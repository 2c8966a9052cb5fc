import type { Problem } from '../api/problem.ts';
import { text } from '../text/text.ts';

/** What keeps the sound away, for people. */
export function wordsOf(trouble: Problem, isTrying: boolean): string {
  const words = text.player;
  if (trouble.status === 401) return words.loggedOut;
  if (trouble.code === 'not_found') return words.gone;
  if (trouble.code === 'unsupported_media') return words.cannotPlay;
  if (isTrying && trouble.code !== 'not_ready') return words.lost;
  return trouble.message === '' ? words.lost : trouble.message;
}
