import { parseHttpDate, wholeSeconds } from './http-date.ts';

/** What the current representation is compared by. */
export interface Validators {
  /** With its quotes: `"abc"`, or `W/"abc"` where it is weak. */
  readonly etag: string;
  /** Absent where nothing is known; a date in a condition is then ignored, or false where it asks for exactness. */
  readonly lastModifiedMs?: number | undefined;
  /** False where the same date may stand for other bytes: `If-Range` then needs the entity tag. Default true. */
  readonly isDateStrong?: boolean | undefined;
}

export interface ConditionalRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ConditionDecision {
  readonly kind: 'not_modified' | 'precondition_failed' | 'proceed';
  /** Whether a `Range` header may be looked at: for GET, when there is no `If-Range` or it holds. */
  readonly rangeApplies: boolean;
}

/**
 * Evaluates the conditions of a request for a representation that exists, in the order of RFC 9110, 13.2.2: If-Match,
 * else If-Unmodified-Since; If-None-Match, else If-Modified-Since; then If-Range. Dates that cannot be read are ignored.
 *
 * @param nowMs decides the century of dates with a year of two digits
 */
export function evaluateConditions(
  request: ConditionalRequest,
  validators: Validators,
  nowMs: number,
): ConditionDecision {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const decide = (kind: ConditionDecision['kind']): ConditionDecision => ({ kind, rangeApplies: false });

  if (!isUnchanged(request, validators, nowMs)) return decide('precondition_failed');
  if (isKnown(request, validators, nowMs, isRead))
    return decide(isRead ? 'not_modified' : 'precondition_failed');
  return {
    kind: 'proceed',
    rangeApplies: request.method === 'GET' && ifRangeHolds(request, validators, nowMs),
  };
}

/** If-Match compares strongly; without it, If-Unmodified-Since. */
function isUnchanged(request: ConditionalRequest, validators: Validators, nowMs: number): boolean {
  const ifMatch = headerOf(request, 'if-match');
  if (ifMatch !== undefined) return matchesStrongly(ifMatch, validators.etag);
  const since = dateOf(request, 'if-unmodified-since', nowMs);
  if (since === null || validators.lastModifiedMs === undefined) return true;
  return wholeSeconds(validators.lastModifiedMs) <= since;
}

/** Whether the client has this representation: If-None-Match compares weakly; without it, If-Modified-Since. */
function isKnown(
  request: ConditionalRequest,
  validators: Validators,
  nowMs: number,
  isRead: boolean,
): boolean {
  const ifNoneMatch = headerOf(request, 'if-none-match');
  if (ifNoneMatch !== undefined) {
    return (
      ifNoneMatch === '*' || entityTagsOf(ifNoneMatch).some((tag) => opaque(tag) === opaque(validators.etag))
    );
  }
  const since = isRead ? dateOf(request, 'if-modified-since', nowMs) : null;
  if (since === null || validators.lastModifiedMs === undefined) return false;
  return wholeSeconds(validators.lastModifiedMs) <= since;
}

/** RFC 9110, 13.1.5: the strong entity tag, or exactly the date. */
function ifRangeHolds(request: ConditionalRequest, validators: Validators, nowMs: number): boolean {
  const ifRange = headerOf(request, 'if-range');
  if (ifRange === undefined) return true;
  if (/^(W\/)?"/.test(ifRange)) return isStrong(ifRange) && ifRange === validators.etag;
  const date = parseHttpDate(ifRange, nowMs);
  if (date === null || validators.lastModifiedMs === undefined || validators.isDateStrong === false)
    return false;
  return date === wholeSeconds(validators.lastModifiedMs);
}

/** Whether an `If-Match` names this entity tag, by strong comparison (RFC 9110, 8.8.3.2), or says `*`. */
export function matchesStrongly(ifMatch: string, etag: string): boolean {
  return ifMatch.trim() === '*' || entityTagsOf(ifMatch).some((tag) => isStrong(tag) && tag === etag);
}

/** The entity tags in a header, with quotes and weakness; what is not one is left out. */
export function entityTagsOf(header: string): string[] {
  return [...header.matchAll(/(?:^|[\s,])((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")(?=[\s,]|$)/g)].map(
    ([, tag = '']) => tag,
  );
}

const CONDITIONS = ['if-match', 'if-none-match', 'if-range'] as const;

/** Every entity tag that a condition of the request names, without quotes and weakness. */
export function namedEntityTags(request: Pick<ConditionalRequest, 'headers'>): string[] {
  return CONDITIONS.flatMap((name) => {
    const value = headerOf(request, name);
    return value === undefined ? [] : entityTagsOf(value).map((tag) => opaque(tag).slice(1, -1));
  });
}

const isStrong = (tag: string): boolean => tag.startsWith('"');
const opaque = (tag: string): string => tag.replace(/^W\//, '');

function dateOf(request: ConditionalRequest, name: string, nowMs: number): number | null {
  const value = headerOf(request, name);
  return value === undefined ? null : parseHttpDate(value, nowMs);
}

function headerOf(request: Pick<ConditionalRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return (Array.isArray(value) ? value.join(', ') : value)?.trim();
}
