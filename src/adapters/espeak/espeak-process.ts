import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { abortedError, throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import { ANSWER_DESCRIPTOR, FRAME_HEAD_BYTES, type EspeakOrder } from './espeak-wire.ts';

export interface EspeakProcessOptions {
  readonly log: Log;
  /** Killed when it has not given a byte for so long while one is waited for. */
  readonly stallMs: number;
}

/** For what runs in JavaScript; the sound and the voices are beside it. */
const HEAP_MEGABYTES = 128;
const REPORT_CHARACTERS = 4000;

/** One process in which eSpeak runs, for one order at a time. */
export class EspeakProcess {
  readonly #child: ChildProcess;
  readonly #chunks: AsyncIterator<Uint8Array, undefined>;
  readonly #options: EspeakProcessOptions;
  #unread: Uint8Array = new Uint8Array();
  #report = '';
  #hasEnded = false;
  #couldStart = true;

  constructor(options: EspeakProcessOptions) {
    this.#options = options;
    // Beside this file, in the language that this file is in: TypeScript here, JavaScript in a build.
    const script = new URL(`./espeak-program${extname(import.meta.url)}`, import.meta.url);
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEGABYTES}`, fileURLToPath(script)], {
      env: { LC_ALL: 'C' },
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    this.#child = child;
    child.on('error', () => {
      this.#couldStart = false;
      this.#hasEnded = true;
    });
    child.on('exit', () => (this.#hasEnded = true));
    // That it has ended is seen where it is read from.
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#report = `${this.#report}${text}`.slice(-REPORT_CHARACTERS);
    });
    // Where no file descriptors are left, there are no streams, whatever their types say; the error is on its way.
    const stdio = (child.stdio as ChildProcess['stdio'] | undefined) ?? [];
    const answers = (stdio[ANSWER_DESCRIPTOR] ?? Readable.from([])) as Readable;
    this.#chunks = answers[Symbol.asyncIterator]();
  }

  /** Whether another order can be given. */
  get isUsable(): boolean {
    return !this.#hasEnded;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * What is answered, as it comes. Left early, or when it throws, the process is killed.
   * @throws tool_unavailable when it cannot be started, engine_unavailable when it ended by itself, engine_timeout, aborted
   */
  async *ask(order: EspeakOrder, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    throwIfAborted(signal);
    const kill = () => this.kill();
    signal.addEventListener('abort', kill, { once: true });
    let isAnswered = false;
    try {
      this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
      for (;;) {
        const head = await this.#take(FRAME_HEAD_BYTES, signal);
        const length = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
        if (length === 0) break;
        yield await this.#take(length, signal);
      }
      isAnswered = true;
    } finally {
      signal.removeEventListener('abort', kill);
      if (!isAnswered) this.kill();
    }
  }

  /** Whether this program may end although the process has not. */
  setIdle(isIdle: boolean): void {
    const change = isIdle ? 'unref' : 'ref';
    this.#child[change]();
    for (const stream of this.#child.stdio) (stream as Socket | null)?.[change]();
  }

  kill(): void {
    this.#hasEnded = true;
    this.#child.kill('SIGKILL');
  }

  async #take(length: number, signal: AbortSignal): Promise<Uint8Array> {
    while (this.#unread.length < length) {
      const chunk = await this.#next(signal);
      this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    }
    const taken = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length);
    return taken;
  }

  async #next(signal: AbortSignal): Promise<Uint8Array> {
    let hasStalled = false;
    const stall = setTimeout(() => {
      hasStalled = true;
      this.kill();
    }, this.#options.stallMs);
    try {
      const { done, value } = await this.#chunks.next();
      if (done !== true) return value;
    } finally {
      clearTimeout(stall);
    }
    if (signal.aborted) throw abortedError(signal);
    const { log } = this.#options;
    log.warn({ hasStalled, exitCode: this.#child.exitCode, report: this.#report }, 'eSpeak did not get on');
    if (hasStalled) throw new AppError('engine_timeout', 'The speech engine did not get on in time.');
    if (!this.#couldStart) throw new AppError('tool_unavailable', 'The speech engine could not be started.');
    throw new AppError('engine_unavailable', 'The speech engine ended before it had spoken.');
  }
}
