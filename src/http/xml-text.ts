/** What XML 1.0 (2.2) has no place for, escaped or not: most control characters, halves of pairs, U+FFFE and U+FFFF. */
const NOT_IN_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  // Alone of no meaning, but not after `]]`.
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

/** Any text as the content of an element, or of an attribute in double quotes. */
export const escapeText = (text: string): string =>
  text.replace(NOT_IN_XML, '').replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');

export const element = (name: string, text: string): string => `<${name}>${escapeText(text)}</${name}>\n`;

/** With the space before it; line breaks would be read as spaces. */
export const attribute = (name: string, text: string): string =>
  ` ${name}="${escapeText(text).replace(/[\t\n]/g, ' ')}"`;
