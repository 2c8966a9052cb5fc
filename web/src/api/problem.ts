import { text } from '../text/text.ts';
import type { components } from './schema.d.ts';

export type ProblemBody = components['schemas']['Problem'];

/** What the server refused, or why it could not be asked. */
export class Problem extends Error {
  /** As docs/errors.md lists them; `offline` when nothing answered. */
  readonly code: ProblemBody['code'] | 'offline';
  readonly status: number;
  readonly errors: NonNullable<ProblemBody['errors']>;
  readonly details: NonNullable<ProblemBody['details']>;

  constructor(
    code: Problem['code'],
    message: string,
    { status = 0, errors = [], details = {} }: Partial<Pick<Problem, 'status' | 'errors' | 'details'>> = {},
  ) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.details = details;
  }
}

/** @param body an answer of any kind: a proxy between us and the server may have written it */
export function toProblem(status: number, body: unknown): Problem {
  if (isProblemBody(body)) {
    const { code, detail, errors = [], details = {} } = body;
    return new Problem(code, detail, { status, errors, details });
  }
  // What stands before the server may take less than the server does.
  return new Problem(status === 413 ? 'too_large' : 'internal', text.problems.answered(status), { status });
}

const isProblemBody = (body: unknown): body is ProblemBody =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;

/** What is wrong with one field of what was sent; undefined where the server has nothing against it. */
export const faultOf = (error: unknown, field: string): string | undefined =>
  error instanceof Problem ? error.errors.find((one) => one.field === field)?.message : undefined;

/** What went wrong, in words for people. */
export function messageOf(error: unknown): string {
  if (error instanceof Problem) return wordsByCode(error) ?? error.message;
  // A browser's own errors (`TypeError`, `NotAllowedError`) are in its words, for whoever writes the page.
  return error instanceof Error && error.name === 'Error' ? error.message : text.problems.unknown;
}

/** The page's words, where they tell a person as much as the server's: those name fields and values. */
function wordsByCode({ code, details }: Problem): string | undefined {
  const words = text.problems;
  const { retry_after_s: seconds, max_bytes: maxBytes } = details;
  if (code === 'offline') return words.offline;
  if (code === 'insufficient_storage') return words.diskFull;
  if (code === 'storage_unavailable') return words.storageAway;
  if (code === 'unsupported_media') return words.noAudio;
  if (code === 'rate_limited' && typeof seconds === 'number') return words.rateLimited(seconds);
  if (code === 'too_large' && typeof maxBytes === 'number') return words.tooLarge(maxBytes);
  return undefined;
}
