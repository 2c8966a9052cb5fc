/**
 * Pictures that a browser shows and cannot run, by their first bytes in hexadecimal, as each format's specification and
 * https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern have them. Never SVG, which is a document.
 */
const COVER_TYPES = {
  'image/jpeg': { extension: 'jpg', begins: /^ffd8ff/ },
  'image/png': { extension: 'png', begins: /^89504e470d0a1a0a/ },
  'image/gif': { extension: 'gif', begins: /^47494638(?:37|39)61/ },
  'image/webp': { extension: 'webp', begins: /^52494646.{8}57454250/ },
} as const;

export type CoverType = keyof typeof COVER_TYPES;

/** Cover art, as it lay in the file: it is never decoded here. */
export interface Cover {
  readonly mediaType: CoverType;
  readonly bytes: Uint8Array;
}

export const MAX_COVER_BYTES = 5_000_000;
const LONGEST_BEGINNING = 12;
const COVER_KEY = /^covers\/[0-9a-f]+\.([a-z]+)$/;

/** What the bytes are, whatever is claimed of them; null when they are no picture that may be served, or too large. */
export function toCover(bytes: Uint8Array): Cover | null {
  if (bytes.length > MAX_COVER_BYTES) return null;
  const beginning = Array.from(bytes.subarray(0, LONGEST_BEGINNING), toHex).join('');
  const mediaType = typesOf().find((type) => COVER_TYPES[type].begins.test(beginning));
  return mediaType === undefined ? null : { mediaType, bytes };
}

/** Its object, which the content decides and which is never overwritten. */
export function coverKey(sha256: string, mediaType: CoverType): string {
  return `covers/${sha256}.${COVER_TYPES[mediaType].extension}`;
}

/** The type that the key of a cover tells; null for any other key. */
export function coverTypeOfKey(key: string): CoverType | null {
  const extension = COVER_KEY.exec(key)?.[1];
  return typesOf().find((type) => COVER_TYPES[type].extension === extension) ?? null;
}

const typesOf = (): CoverType[] => Object.keys(COVER_TYPES) as CoverType[];
const toHex = (byte: number): string => byte.toString(16).padStart(2, '0');
