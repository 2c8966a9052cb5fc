/**
 * The thread that reads the tags of a file for each path that it is sent. It answers with two messages: the texts, and
 * then the cover, so that a picture which is too much for it costs only itself.
 */
import { parentPort } from 'node:worker_threads';
import { parseFromTokenizer } from 'music-metadata';
import type { IAudioMetadata, IOptions, IPicture } from 'music-metadata';
import { fromFile } from 'strtok3';
import type { Cover } from '../../domain/cover.ts';
import type { MediaTags } from '../../domain/media-tool.ts';
import { tidyLine } from '../../domain/tidy-line.ts';
import { CoverSearch } from './cover-search.ts';
import { chaptersOf } from './file-chapters.ts';
import type { TagAnswer } from './tag-reader.ts';

const MAX_CHARACTERS = 300;
const MAX_READ_BYTES = 64 * 1024 * 1024;

const answer = (message: TagAnswer, moved: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, moved);

parentPort?.on('message', (path: string) => void answerFor(path));

async function answerFor(path: string): Promise<void> {
  // Broken tags are no tags.
  const tags = await readTexts(path).catch(() => ({}));
  answer({ kind: 'texts', tags });
  const cover = await readCover(path).catch(() => null);
  answer({ kind: 'cover', cover }, cover === null ? [] : [cover.bytes.buffer]);
}

async function readTexts(path: string): Promise<MediaTags> {
  const metadata = await parse(path, { skipCovers: true, includeChapters: true, duration: false });
  const { title, artist, album } = metadata.common;
  const texts = Object.entries({ title, artist, album }).flatMap(([name, text]) => {
    const line = tidyLine(text ?? '', MAX_CHARACTERS);
    return line === '' ? [] : [[name, line] as const];
  });
  const chapters = chaptersOf(metadata);
  return { ...Object.fromEntries(texts), ...(chapters.length > 0 && { chapters }) };
}

/** A copy in memory of its own, so that it can be handed over without the rest of the file. */
async function readCover(
  path: string,
): Promise<(Cover & { readonly bytes: Uint8Array<ArrayBuffer> }) | null> {
  const search = new CoverSearch();
  const observer: NonNullable<IOptions['observer']> = ({ tag }) => {
    if (tag.id === 'picture' && search.look(tag.value as IPicture)) throw new Error('The search is over.');
  };
  // Whatever ended it: what was found before is found.
  await parse(path, { duration: false, observer }).catch(() => undefined);
  const { cover: found } = search;
  return found === null ? null : { ...found, bytes: Uint8Array.from(found.bytes) };
}

/** @throws when one thing in the file is larger than a picture or a table of samples ever is */
async function parse(path: string, options: IOptions): Promise<IAudioMetadata> {
  const tokenizer = await fromFile(path, { maxBufferSize: MAX_READ_BYTES });
  try {
    return await parseFromTokenizer(tokenizer, options);
  } finally {
    await tokenizer.close();
  }
}
