import { describe, expect, it } from 'vitest';
import { entityTagsOf, evaluateConditions, matchesStrongly, namedEntityTags } from './conditional.ts';
import type { Validators } from './conditional.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const DATE = 'Sat, 21 Nov 2026 08:00:00 GMT';
const BEFORE = 'Sat, 21 Nov 2026 07:59:59 GMT';
const AFTER = 'Sat, 21 Nov 2026 08:00:01 GMT';

const STRONG: Validators = { etag: '"a"', lastModifiedMs: Date.UTC(2026, 10, 21, 8) + 417 };
const WEAK: Validators = { ...STRONG, etag: 'W/"a"' };
const UNDATED: Validators = { etag: '"a"' };
const SOFT_DATE: Validators = { ...STRONG, isDateStrong: false };

type Row = [
  what: string,
  method: string,
  headers: Record<string, string>,
  validators: Validators,
  kind: 'not_modified' | 'precondition_failed' | 'proceed',
  rangeApplies: boolean,
];

// RFC 9110, 13.1 and 13.2.2.
const ROWS: Row[] = [
  ['no condition', 'GET', {}, STRONG, 'proceed', true],
  ['no condition of HEAD: ranges are for GET', 'HEAD', {}, STRONG, 'proceed', false],

  ['If-Match with the tag', 'GET', { 'if-match': '"a"' }, STRONG, 'proceed', true],
  ['If-Match with another', 'GET', { 'if-match': '"b"' }, STRONG, 'precondition_failed', false],
  ['If-Match with several', 'GET', { 'if-match': '"b" , "a"' }, STRONG, 'proceed', true],
  ['If-Match with a star', 'PUT', { 'if-match': '*' }, STRONG, 'proceed', false],
  [
    'If-Match compares strongly: a weak name',
    'GET',
    { 'if-match': 'W/"a"' },
    STRONG,
    'precondition_failed',
    false,
  ],
  [
    'If-Match compares strongly: a weak tag',
    'GET',
    { 'if-match': 'W/"a"' },
    WEAK,
    'precondition_failed',
    false,
  ],
  ['If-Match that is no list of tags', 'GET', { 'if-match': 'a' }, STRONG, 'precondition_failed', false],

  ['If-Unmodified-Since the date', 'GET', { 'if-unmodified-since': DATE }, STRONG, 'proceed', true],
  [
    'If-Unmodified-Since before',
    'GET',
    { 'if-unmodified-since': BEFORE },
    STRONG,
    'precondition_failed',
    false,
  ],
  ['If-Unmodified-Since no date', 'GET', { 'if-unmodified-since': 'soon' }, STRONG, 'proceed', true],
  [
    'If-Unmodified-Since without a date here',
    'GET',
    { 'if-unmodified-since': BEFORE },
    UNDATED,
    'proceed',
    true,
  ],
  [
    'If-Match decides over If-Unmodified-Since',
    'GET',
    { 'if-match': '"a"', 'if-unmodified-since': BEFORE },
    STRONG,
    'proceed',
    true,
  ],

  ['If-None-Match with the tag', 'GET', { 'if-none-match': '"a"' }, STRONG, 'not_modified', false],
  ['If-None-Match of HEAD', 'HEAD', { 'if-none-match': '"a"' }, STRONG, 'not_modified', false],
  ['If-None-Match of a write', 'PUT', { 'if-none-match': '"a"' }, STRONG, 'precondition_failed', false],
  [
    'If-None-Match compares weakly: a weak name',
    'GET',
    { 'if-none-match': 'W/"a"' },
    STRONG,
    'not_modified',
    false,
  ],
  [
    'If-None-Match compares weakly: a weak tag',
    'GET',
    { 'if-none-match': '"a"' },
    WEAK,
    'not_modified',
    false,
  ],
  ['If-None-Match with others', 'GET', { 'if-none-match': '"b","c"' }, STRONG, 'proceed', true],
  ['If-None-Match with a star', 'GET', { 'if-none-match': '*' }, STRONG, 'not_modified', false],

  ['If-Modified-Since the date', 'GET', { 'if-modified-since': DATE }, STRONG, 'not_modified', false],
  ['If-Modified-Since after', 'GET', { 'if-modified-since': AFTER }, STRONG, 'not_modified', false],
  ['If-Modified-Since before', 'GET', { 'if-modified-since': BEFORE }, STRONG, 'proceed', true],
  ['If-Modified-Since of a write is ignored', 'PUT', { 'if-modified-since': DATE }, STRONG, 'proceed', false],
  [
    'If-None-Match decides over If-Modified-Since',
    'GET',
    { 'if-none-match': '"b"', 'if-modified-since': DATE },
    STRONG,
    'proceed',
    true,
  ],
  [
    'If-Match fails before If-None-Match is looked at',
    'GET',
    { 'if-match': '"b"', 'if-none-match': '"a"' },
    STRONG,
    'precondition_failed',
    false,
  ],

  ['If-Range with the tag', 'GET', { 'if-range': '"a"' }, STRONG, 'proceed', true],
  ['If-Range with another tag', 'GET', { 'if-range': '"b"' }, STRONG, 'proceed', false],
  ['If-Range with a weak name', 'GET', { 'if-range': 'W/"a"' }, STRONG, 'proceed', false],
  ['If-Range with a weak tag', 'GET', { 'if-range': 'W/"a"' }, WEAK, 'proceed', false],
  ['If-Range with exactly the date', 'GET', { 'if-range': DATE }, STRONG, 'proceed', true],
  ['If-Range with a later date', 'GET', { 'if-range': AFTER }, STRONG, 'proceed', false],
  [
    'If-Range with a date that may stand for other bytes',
    'GET',
    { 'if-range': DATE },
    SOFT_DATE,
    'proceed',
    false,
  ],
  ['If-Range that is neither', 'GET', { 'if-range': 'a' }, STRONG, 'proceed', false],
  ['If-Range takes one tag, not a list', 'GET', { 'if-range': '"a", "b"' }, STRONG, 'proceed', false],
  [
    'If-Range after If-Match',
    'GET',
    { 'if-match': '"b"', 'if-range': '"a"' },
    STRONG,
    'precondition_failed',
    false,
  ],
];

describe('the conditions of a request', () => {
  it.each(ROWS)('%s', (_what, method, headers, validators, kind, rangeApplies) => {
    expect(evaluateConditions({ method, headers }, validators, NOW)).toEqual({ kind, rangeApplies });
  });
});

describe('entity tags', () => {
  it('are found in a list, with commas and semicolons inside', () => {
    expect(entityTagsOf('"a,b", W/"c" ,"" ,"d;e"')).toEqual(['"a,b"', 'W/"c"', '""', '"d;e"']);
    expect(entityTagsOf('a, b')).toEqual([]);
  });

  it('match strongly or not at all', () => {
    expect(matchesStrongly('"x", "y"', '"y"')).toBe(true);
    expect(matchesStrongly('W/"y"', '"y"')).toBe(false);
    expect(matchesStrongly(' * ', '"y"')).toBe(true);
  });

  it('are gathered from every condition', () => {
    const headers = { 'if-match': '"a"', 'if-none-match': 'W/"b", "c"', 'if-range': '"d"' };
    expect(namedEntityTags({ headers })).toEqual(['a', 'b', 'c', 'd']);
    expect(namedEntityTags({ headers: { 'if-range': DATE } })).toEqual([]);
  });
});
