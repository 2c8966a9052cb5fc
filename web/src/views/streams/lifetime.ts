import type { StreamSummary } from '../../api/types.ts';
import { DAY_MS, formatDate, formatWeekdayTime } from '../../text/measures.ts';
import { text } from '../../text/text.ts';

const words = text.streams;

/** When a stream goes by itself; '' for one that stays. */
export function lifetimeOf({
  persistence,
  expires_at: expiresAt,
}: Pick<StreamSummary, 'persistence' | 'expires_at'>): string {
  if (expiresAt !== undefined) {
    const isNear = Date.parse(expiresAt) - Date.now() < 6 * DAY_MS;
    return words.goesAt(isNear ? formatWeekdayTime(expiresAt) : formatDate(expiresAt));
  }
  return persistence === 'session' ? words.goesWithLogin : '';
}
