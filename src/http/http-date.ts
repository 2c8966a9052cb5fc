const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')})`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;

/** RFC 9110, 5.6.7: the form that is written, and the two old ones that must be read. */
const FIXDATE = new RegExp(String.raw`^[A-Z][a-z]{2}, (\d\d) ${MONTH} (\d{4}) ${TIME} GMT$`);
const RFC_850 = new RegExp(String.raw`^[A-Z][a-z]{5,8}, (\d\d)-${MONTH}-(\d\d) ${TIME} GMT$`);
const ASCTIME = new RegExp(String.raw`^[A-Z][a-z]{2} ${MONTH} ([\d ]\d) ${TIME} (\d{4})$`);

const SECOND_MS = 1000;

/** Players ask for range after range of the same. */
let latest = { second: 0, date: '' };

/** Dates of HTTP have whole seconds. */
export function toHttpDate(atMs: number): string {
  const second = wholeSeconds(atMs);
  if (latest.second !== second || latest.date === '') {
    latest = { second, date: new Date(second).toUTCString() };
  }
  return latest.date;
}

export const wholeSeconds = (atMs: number): number => Math.floor(atMs / SECOND_MS) * SECOND_MS;

/** @returns milliseconds since the epoch; null for what is no HTTP-date, which a recipient ignores */
export function parseHttpDate(text: string, nowMs: number): number | null {
  const fixed = FIXDATE.exec(text);
  if (fixed !== null) {
    const [, day, month, year, ...time] = fixed;
    return utc(Number(year), month, day, time);
  }
  const asctime = ASCTIME.exec(text);
  if (asctime !== null) {
    const [, month, day, hours, minutes, seconds, year] = asctime;
    return utc(Number(year), month, day, [hours, minutes, seconds]);
  }
  const old = RFC_850.exec(text);
  if (old !== null) {
    const [, day, month, shortYear, ...time] = old;
    return utc(fullYear(Number(shortYear), nowMs), month, day, time);
  }
  return null;
}

/** A year of two digits that seems more than 50 years ahead is the last one in the past with these digits. */
function fullYear(shortYear: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + shortYear;
  return year > thisYear + 50 ? year - 100 : year;
}

function utc(
  year: number,
  month: string | undefined,
  day: string | undefined,
  time: readonly (string | undefined)[],
): number | null {
  const [hours, minutes, seconds] = time.map(Number);
  if (hours === undefined || minutes === undefined || seconds === undefined) return null;
  if (hours > 23 || minutes > 59 || seconds > 60) return null;
  const monthIndex = MONTHS.indexOf(month ?? '');
  const date = new Date(Date.UTC(year, monthIndex, Number(day)));
  // 31 February would otherwise be a day in March.
  if (date.getUTCMonth() !== monthIndex) return null;
  return date.setUTCHours(hours, minutes, seconds);
}
