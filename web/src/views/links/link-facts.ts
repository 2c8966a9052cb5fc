import type { PlaybackLink } from '../../api/types.ts';
import { formatDateTime } from '../../text/measures.ts';
import { text } from '../../text/text.ts';

const words = text.links;

/** When it was made, and when it ends where it does by itself. */
export function linkFacts({ created_at: made, expires_at: end }: PlaybackLink): string {
  const facts = [words.made(formatDateTime(made))];
  if (end !== undefined) {
    const hasEnded = Date.parse(end) <= Date.now();
    facts.push((hasEnded ? words.ended : words.until)(formatDateTime(end)));
  }
  return facts.join(' · ');
}
