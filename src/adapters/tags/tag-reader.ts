import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Cover } from '../../domain/cover.ts';
import type { MediaTags, TagReader } from '../../domain/media-tool.ts';

/** What a thread that reads tags answers: first the one, then the other. */
export type TagAnswer =
  | { readonly kind: 'texts'; readonly tags: MediaTags }
  | { readonly kind: 'cover'; readonly cover: Cover | null };

const MAX_MS = 10_000;
const HEAP_MEGABYTES = 128;

/**
 * Reads tags with music-metadata, in a thread of its own: a parser that a hostile file sends round in circles, or
 * eating memory, is ended with its thread, and the file counts as one without the tags that were still to come.
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
    let tags: MediaTags = {};
    const end = () => {
      clearTimeout(deadline);
      signal?.removeEventListener('abort', end);
      void worker.terminate();
      resolve(tags);
    };
    const deadline = setTimeout(end, maxMs);
    signal?.addEventListener('abort', end, { once: true });
    worker.on('message', (answer: TagAnswer) => {
      if (answer.kind === 'texts') tags = answer.tags;
      else {
        if (answer.cover !== null) tags = { ...tags, cover: answer.cover };
        end();
      }
    });
    worker.once('error', end);
    worker.once('exit', end);
  });
}
