/**
 * The thread that reads the tags of one file, named by its worker data. It answers with two messages: the texts, and
 * then the cover, so that a picture which is too much for it costs only itself.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { parseFile } from 'music-metadata';
import type { IPicture } from 'music-metadata';
import type { Cover } from '../../domain/cover.ts';
import { toCover } from '../../domain/cover.ts';
import type { MediaTags } from '../../domain/media-tool.ts';
import { tidyLine } from '../../domain/tidy-line.ts';
import { chaptersOf } from './file-chapters.ts';
import type { TagAnswer } from './tag-reader.ts';

const MAX_CHARACTERS = 300;
const MAX_PICTURES = 20;
const FRONT = /^(?:cover \(front\)|front|cover)$/i;

const path = String(workerData);
const answer = (message: TagAnswer, moved: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, moved);

// Broken tags are no tags.
const tags = await readTexts().catch(() => ({}));
answer({ kind: 'texts', tags });
const cover = await readCover().catch(() => null);
answer({ kind: 'cover', cover }, cover === null ? [] : [cover.bytes.buffer]);

async function readTexts(): Promise<MediaTags> {
  const metadata = await parseFile(path, { skipCovers: true, includeChapters: true, duration: false });
  const { title, artist, album } = metadata.common;
  const texts = Object.entries({ title, artist, album }).flatMap(([name, text]) => {
    const line = tidyLine(text ?? '', MAX_CHARACTERS);
    return line === '' ? [] : [[name, line] as const];
  });
  const chapters = chaptersOf(metadata);
  return { ...Object.fromEntries(texts), ...(chapters.length > 0 && { chapters }) };
}

/** A copy in memory of its own, so that it can be handed over without the rest of the file. */
async function readCover(): Promise<(Cover & { readonly bytes: Uint8Array<ArrayBuffer> }) | null> {
  const { common } = await parseFile(path, { duration: false });
  const pictures = (common.picture ?? []).slice(0, MAX_PICTURES);
  const isFront = ({ type = '' }: IPicture): boolean => FRONT.test(type);
  for (const { data } of [...pictures.filter(isFront), ...pictures.filter((each) => !isFront(each))]) {
    const found = toCover(data);
    if (found !== null) return { ...found, bytes: Uint8Array.from(found.bytes) };
  }
  return null;
}
