import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { MediaToolOptions } from '../../domain/media-tool.ts';
import type { FfmpegRun } from './ffmpeg-process.ts';
import type { MeasureAnswer, MeasureOrder, MeasureTask, SoundRest } from './measure-task.ts';

export interface MeasureRun extends FfmpegRun {
  readonly rest: SoundRest;
}

export interface MeasureRunOptions extends MediaToolOptions {
  /** Given `READING_NUMBERS` for each stretch, in order, every ten seconds of sound and at the end. */
  readonly onReadings: (readings: Float64Array) => void;
}

interface IdleThread {
  readonly timer: NodeJS.Timeout;
  readonly end: () => void;
}

/** Starting one costs as much as metering three minutes of sound. */
const IDLE_MS = 30_000;

/**
 * Threads that run ffmpeg and meter what it passes to PCM_DESCRIPTOR: hours of sound go through, and whoever listens to
 * this server is not to wait for them. There are as many as tasks at once; one without a task waits half a minute for
 * the next, and holds up no process that wants to end.
 */
export class MeasureThreads {
  readonly #idle = new Map<Worker, IdleThread>();

  /** @throws what runFfmpeg throws */
  async run(task: MeasureTask, options: MeasureRunOptions): Promise<MeasureRun> {
    const { signal, onProgress, onReadings } = options;
    throwIfAborted(signal);
    const thread = this.#take();
    return new Promise<MeasureRun>((resolve, reject) => {
      // It kills its ffmpeg, and answers that.
      const stop = (): void => thread.postMessage('stop' satisfies MeasureOrder);
      const settle = (): void => {
        signal?.removeEventListener('abort', stop);
        thread.off('error', onEnd).off('exit', onEnd).off('message', onAnswer);
      };
      const onEnd = (cause: unknown): void => {
        settle();
        reject(new AppError('internal', 'The measure broke off.', { cause }));
      };
      const onAnswer = (answer: MeasureAnswer): void => {
        if (answer.kind === 'progress') onProgress?.(answer.doneMs);
        else if (answer.kind === 'readings') onReadings(answer.readings);
        else {
          settle();
          this.#giveBack(thread);
          if (answer.kind === 'end') resolve({ ...answer.run, rest: answer.rest });
          else reject(new AppError(answer.code, answer.message));
        }
      };
      thread.on('error', onEnd).on('exit', onEnd).on('message', onAnswer);
      signal?.addEventListener('abort', stop, { once: true });
      thread.postMessage(task satisfies MeasureOrder);
    });
  }

  #take(): Worker {
    const [waiting] = this.#idle;
    if (waiting === undefined) {
      return new Worker(new URL(`./measure-thread${extname(import.meta.url)}`, import.meta.url), { env: {} });
    }
    const [thread, { timer, end }] = waiting;
    clearTimeout(timer);
    thread.off('error', end).off('exit', end);
    this.#idle.delete(thread);
    thread.ref();
    return thread;
  }

  #giveBack(thread: Worker): void {
    const end = (): void => {
      clearTimeout(timer);
      this.#idle.delete(thread);
      void thread.terminate();
    };
    const timer = setTimeout(end, IDLE_MS).unref();
    // What goes wrong in it without a task is no task's failure: the next one gets another.
    thread.on('error', end).on('exit', end).unref();
    this.#idle.set(thread, { timer, end });
  }
}
