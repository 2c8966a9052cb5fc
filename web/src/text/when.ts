const LANGUAGE = 'en';

const STEPS = [
  { unit: 'second', ms: 1_000, until: 60_000 },
  { unit: 'minute', ms: 60_000, until: 3_600_000 },
  { unit: 'hour', ms: 3_600_000, until: 86_400_000 },
  { unit: 'day', ms: 86_400_000, until: 7 * 86_400_000 },
] as const;

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
const moment = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium' });

/** As one would say it: "5 minutes ago", and a date after a week. @param time ISO 8601 */
export function ago(time: string, nowMs: number): string {
  const passedMs = Math.max(0, nowMs - Date.parse(time));
  const step = STEPS.find(({ until }) => passedMs < until);
  if (step === undefined) return onDay(time);
  return relative.format(-Math.floor(passedMs / step.ms), step.unit);
}

/** To the minute. @param time ISO 8601 */
export const atTime = (time: string): string => moment.format(Date.parse(time));

/** @param time ISO 8601 */
export const onDay = (time: string): string => day.format(Date.parse(time));
