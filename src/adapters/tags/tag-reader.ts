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

/** Starting one costs as much as reading the tags of fifty files. */
const IDLE_MS = 30_000;

/**
 * Reads tags with music-metadata, in threads of their own: a parser that a hostile file sends round in circles, or
 * eating memory, is ended with its thread, and the file counts as one without the tags that were still to come. A thread
 * that came to the end of its file waits a while for the next.
 */
export function createTagReader({ maxMs = MAX_MS }: { readonly maxMs?: number } = {}): TagReader {
  const idle = new Map<Worker, () => void>();

  function take(): Worker {
    const [waiting] = idle;
    if (waiting === undefined) return startThread();
    const [thread, wake] = waiting;
    idle.delete(thread);
    wake();
    return thread;
  }

  function giveBack(thread: Worker): void {
    const end = () => {
      wake();
      idle.delete(thread);
      void thread.terminate();
    };
    const wake = () => {
      clearTimeout(timer);
      thread.off('error', end).off('exit', end).ref();
    };
    const timer = setTimeout(end, IDLE_MS).unref();
    // It holds up no process that wants to end.
    thread.on('error', end).on('exit', end).unref();
    idle.set(thread, wake);
  }

  return {
    async read(inputPath, signal) {
      if (signal?.aborted === true) return {};
      const thread = take();
      return new Promise<MediaTags>((resolve) => {
        let tags: MediaTags = {};
        const settle = () => {
          clearTimeout(deadline);
          signal?.removeEventListener('abort', end);
          thread.off('message', onAnswer).off('error', end).off('exit', end);
          resolve(tags);
        };
        const end = () => {
          settle();
          // Whatever it says of this any more is nobody's business.
          thread.on('error', () => undefined);
          void thread.terminate();
        };
        const onAnswer = (answer: TagAnswer) => {
          if (answer.kind === 'texts') {
            tags = answer.tags;
            return;
          }
          if (answer.cover !== null) tags = { ...tags, cover: answer.cover };
          settle();
          giveBack(thread);
        };
        const deadline = setTimeout(end, maxMs);
        signal?.addEventListener('abort', end, { once: true });
        thread.on('message', onAnswer).on('error', end).on('exit', end);
        thread.postMessage(inputPath);
      });
    },
  };
}

const startThread = (): Worker =>
  new Worker(new URL(`./tag-thread${extname(import.meta.url)}`, import.meta.url), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    // What a parser prints is nobody's business.
    stdout: true,
    stderr: true,
  });
