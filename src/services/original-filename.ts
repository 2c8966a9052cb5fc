const MAX_LENGTH = 255;

/** For people, and for the extension of the original: what the sender's disk called it, without the path. */
export function originalFilename(sent: string): string {
  const name = sent.split(/[/\\]/).at(-1) ?? '';
  const shown = name.normalize('NFC').replace(/\p{C}/gu, '').trim();
  return Array.from(shown).slice(0, MAX_LENGTH).join('');
}
