import { ValidationError } from './app-error.ts';
import { utf8Length } from './utf8-length.ts';

/** Two of them, with what joins them, fit into a key of DynamoDB, which holds 2,048 bytes, and of its sort keys. */
const MAX_ID_BYTES = 500;
/** RFC 3339 reaches as far as the year 9999. */
const MIN_DATE_MS = Date.UTC(2000, 0, 1);
const MAX_DATE_MS = Date.UTC(10_000, 0, 1) - 1;
/** Of a value of JSON. DynamoDB holds maps and lists in each other 32 levels deep. */
export const MAX_JSON_DEPTH = 30;
/** DynamoDB holds no number nearer to 0. */
const MIN_NUMBER = 1e-130;

/** An id that every store can hold, as it is. @throws {ValidationError} */
export function checkStoredId(field: string, id: string): void {
  if (id === '' || utf8Length(id) > MAX_ID_BYTES || !id.isWellFormed()) {
    throw new ValidationError(field, `This must be text of 1 to ${MAX_ID_BYTES} bytes.`);
  }
}

/** A date that every store can hold. @throws {ValidationError} */
export function checkStoredDate(field: string, ms: number): void {
  if (!Number.isInteger(ms) || ms < MIN_DATE_MS || ms > MAX_DATE_MS) {
    throw new ValidationError(
      field,
      'This must be whole milliseconds since 1970, from the year 2000 to 9999.',
    );
  }
}

/** Whether every store can hold a value of JSON in a record, as it is. */
export function isStorableJson(value: unknown, depth = 1): boolean {
  if (typeof value === 'number') {
    const size = Math.abs(value);
    // Beyond, a number is not what its digits say, and DynamoDB's client refuses it.
    return size === 0 || (size >= MIN_NUMBER && size <= Number.MAX_SAFE_INTEGER);
  }
  if (typeof value !== 'object' || value === null) return true;
  return depth <= MAX_JSON_DEPTH && Object.values(value).every((each) => isStorableJson(each, depth + 1));
}
