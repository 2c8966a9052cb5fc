/** Numbers and times as people read them. One place, so that another language has one place too. */

export const LOCALE = 'en';

/** `4:05`, `1:02:03`: as a clock shows it, whole seconds that have passed; of what has no end, nothing. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0
    ? `${String(hours)}:${String(minutes).padStart(2, '0')}:${rest}`
    : `${String(minutes)}:${rest}`;
}

const CLOCK_TIME = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5}(?:\.\d{1,3})?)$/;

/** Seconds of what a person writes as `4:05`, `1:02:03` or `90.5`; NaN of anything else. */
export function parseDuration(written: string): number {
  const [, hours = '0', minutes = '0', seconds] = CLOCK_TIME.exec(written.trim()) ?? [];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** As one says it: `1 h 20 min`, `4 min`, `12 s`. */
export function formatRoughDuration(seconds: number): string {
  if (seconds < 60) return `${String(Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 && `${String(hours)} h`, rest > 0 && `${String(rest)} min`].filter(Boolean).join(' ');
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** `12 MB`: decimal units, as disks and phones count. */
export function formatSize(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return new Intl.NumberFormat(LOCALE, {
    style: 'unit',
    unit: UNITS[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: power > 1 ? 1 : 0,
  }).format(bytes / 1000 ** power);
}

export const formatNumber = (number: number): string => new Intl.NumberFormat(LOCALE).format(number);

const LANGUAGE = new Intl.DisplayNames(LOCALE, { type: 'language' });

/** `de` → `German`. @param tag BCP 47 */
export const formatLanguage = (tag: string): string => LANGUAGE.of(tag) ?? tag;

const DATE = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });
const DATE_TIME = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const WEEKDAY_TIME = new Intl.DateTimeFormat(LOCALE, {
  weekday: 'short',
  hour: 'numeric',
  minute: '2-digit',
});
const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });

/** @param time ISO 8601, as the server tells it; here and below shown in the reader's own zone */
export const formatDate = (time: string): string => DATE.format(Date.parse(time));
/** To the minute. */
export const formatDateTime = (time: string): string => DATE_TIME.format(Date.parse(time));
/** `Fri 8:15 PM`: of the week around today. */
export const formatWeekdayTime = (time: string): string => WEEKDAY_TIME.format(Date.parse(time));

export const DAY_MS = 24 * 3_600_000;

const STEPS = [
  { unit: 'second', ms: 1_000, until: 60_000 },
  { unit: 'minute', ms: 60_000, until: 3_600_000 },
  { unit: 'hour', ms: 3_600_000, until: DAY_MS },
  { unit: 'day', ms: DAY_MS, until: 7 * DAY_MS },
] as const;

/** As one would say it: `5 minutes ago`, and a date after a week. @param time ISO 8601 */
export function formatRelativeTime(time: string, nowMs: number): string {
  const passedMs = Math.max(0, nowMs - Date.parse(time));
  const step = STEPS.find(({ until }) => passedMs < until);
  if (step === undefined) return formatDate(time);
  return RELATIVE.format(-Math.floor(passedMs / step.ms), step.unit);
}
