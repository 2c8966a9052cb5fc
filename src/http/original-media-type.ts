/** What browsers play, by the extension of the upload (IANA media types, and the usual ones where there is none). */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  m4b: 'audio/mp4',
  mp4: 'video/mp4',
  aac: 'audio/aac',
  wav: 'audio/wav',
  aif: 'audio/aiff',
  aiff: 'audio/aiff',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  weba: 'audio/webm',
  webm: 'video/webm',
  mka: 'audio/x-matroska',
  mkv: 'video/x-matroska',
  wma: 'audio/x-ms-wma',
  caf: 'audio/x-caf',
  amr: 'audio/amr',
};

/** Never a type that a browser would run: what is not in the table is bytes. */
export function originalMediaType(extension: string): string {
  return Object.hasOwn(MEDIA_TYPES, extension) ? (MEDIA_TYPES[extension] ?? '') : 'application/octet-stream';
}
