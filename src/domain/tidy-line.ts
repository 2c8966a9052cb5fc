/**
 * Text from somebody's file as one readable line: in NFC, well-formed, without control characters, runs of space as
 * one, at most `maxCharacters` long. Empty when nothing is left.
 */
export function tidyLine(text: string, maxCharacters: number): string {
  const line = text
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return Array.from(line).slice(0, maxCharacters).join('').trim();
}
