import type { StreamSummary } from '../../api/types.ts';
import { text } from '../../text/text.ts';

const words = text.streams;
const DAY_MS = 24 * 3600 * 1000;
const near = new Intl.DateTimeFormat('en', { weekday: 'short', hour: 'numeric', minute: '2-digit' });
const far = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });

/** When a stream goes by itself; '' for one that stays. */
export function lifetimeOf({
  persistence,
  expires_at: expiresAt,
}: Pick<StreamSummary, 'persistence' | 'expires_at'>): string {
  if (expiresAt !== undefined) {
    const at = Date.parse(expiresAt);
    return words.goesAt((at - Date.now() < 6 * DAY_MS ? near : far).format(at));
  }
  return persistence === 'session' ? words.goesWithLogin : '';
}
