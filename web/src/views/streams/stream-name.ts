const RESERVED = new Set(['queues', 'export', 'import']);
const MAX_LENGTH = 100;
/** What the platform does not take apart into a letter and its mark. */
const LETTERS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', ø: 'o', œ: 'oe', ł: 'l', đ: 'd' };

/** A name for an address, out of a title in any language; '' where no letter of it can be written there. */
export function nameOfTitle(title: string): string {
  return title
    .toLowerCase()
    .replace(/[ßæøœłđ]/g, (letter) => LETTERS[letter] ?? '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, MAX_LENGTH)
    .replace(/^-+|-+$/g, '');
}

/** As the server's one rule has it. */
export function faultOfName(name: string): 'wrong' | 'reserved' | null {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(name)) return 'wrong';
  return RESERVED.has(name) ? 'reserved' : null;
}
