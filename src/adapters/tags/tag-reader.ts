import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MediaTags, TagReader } from '../../domain/media-tool.ts';

/** What a thread that reads tags answers. */
export type TagAnswer = Readonly<Partial<Record<keyof MediaTags, string>>>;

const MAX_MS = 10_000;
const HEAP_MEGABYTES = 128;
const MAX_CHARACTERS = 300;

/**
 * Reads tags with music-metadata, in a thread of its own: a parser that a hostile file sends round in circles, or
 * eating memory, is ended with its thread, and the file counts as one without tags.
 */
export function createTagReader(options: { readonly maxMs?: number } = {}): TagReader {
  return {
    read: (inputPath, signal) => readInThread(inputPath, options.maxMs ?? MAX_MS, signal),
  };
}

async function readInThread(inputPath: string, maxMs: number, signal?: AbortSignal): Promise<MediaTags> {
  if (signal?.aborted === true) return {};
  return new Promise<MediaTags>((resolve) => {
    const worker = new Worker(new URL(`./tag-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: inputPath,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
      // What a parser prints is nobody's business.
      stdout: true,
      stderr: true,
    });
    const end = (tags: MediaTags) => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', giveUp);
      void worker.terminate();
      resolve(tags);
    };
    const giveUp = () => end({});
    const deadline = setTimeout(giveUp, maxMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    worker.once('message', (answer: TagAnswer) => end(tidy(answer)));
    worker.once('error', giveUp);
    worker.once('exit', giveUp);
  });
}

function tidy(answer: TagAnswer): MediaTags {
  const title = tidyText(answer.title);
  const artist = tidyText(answer.artist);
  const album = tidyText(answer.album);
  return {
    ...(title === undefined ? {} : { title }),
    ...(artist === undefined ? {} : { artist }),
    ...(album === undefined ? {} : { album }),
  };
}

/** One line of readable text, in NFC, of bounded length. */
function tidyText(text: string | undefined): string | undefined {
  const line = (text ?? '')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = Array.from(line).slice(0, MAX_CHARACTERS).join('').trim();
  return characters === '' ? undefined : characters;
}
