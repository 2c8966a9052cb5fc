import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { abortedError, throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';

/** A speech engine of this machine, run in a process of its own for one piece. */
export interface EngineRun {
  readonly executable: string;
  readonly arguments: readonly string[];
  readonly workingDirectory: string;
  /** Killed when it takes longer. */
  readonly maxMs: number;
  readonly signal: AbortSignal;
  /** Each line of its output as it comes. What it throws ends the process, and the run with that error. */
  readonly onLine: (line: string) => void;
}

export interface EngineExit {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it reported on stderr: for the log, never for a client. */
  readonly report: string;
}

const REPORT_CHARACTERS = 8192;
const LINE_CHARACTERS = 4 * 1024 * 1024;

/**
 * @throws aborted, engine_timeout, engine_unavailable for a line without an end, tool_unavailable when it cannot be
 *   started, and what `onLine` throws. The process has ended by then.
 */
export async function runEngine(run: EngineRun): Promise<EngineExit> {
  const { signal, maxMs, onLine } = run;
  throwIfAborted(signal);
  return new Promise<EngineExit>((resolve, reject) => {
    const child = spawn(run.executable, run.arguments, {
      cwd: run.workingDirectory,
      // Nothing of the server's: no key, no name.
      env: { LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let failure: Error | undefined;
    let report = '';

    // SIGKILL: a decoder that was led astray by its input is not asked to end.
    const end = (error: Error) => {
      failure ??= error;
      child.kill('SIGKILL');
      // Or whoever it has started, as a script does that stands for it, would hold them open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const onAbort = () => end(abortedError(signal));
    const deadline = setTimeout(() => {
      end(new AppError('engine_timeout', 'The speech engine did not get through this piece in time.'));
    }, maxMs);
    signal.addEventListener('abort', onAbort, { once: true });
    const settle = () => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
    };

    const takeLines = lineTaker(
      (line) => {
        if (failure !== undefined) return;
        try {
          onLine(line);
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)));
        }
      },
      () => end(new AppError('engine_unavailable', 'The speech engine answers with more than can be read.')),
    );
    child.on('error', (cause) => {
      settle();
      reject(new AppError('tool_unavailable', 'The speech engine could not be started.', { cause }));
    });
    // Where no file descriptors are left, there are no streams, whatever their types say; the error is on its way.
    if ((child.stdio as unknown) === undefined) return;
    child.stdout.on('data', takeLines);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      report = (report + text).slice(-REPORT_CHARACTERS);
    });
    child.on('close', (exitCode, exitSignal) => {
      settle();
      if (failure === undefined) resolve({ exitCode, signal: exitSignal, report });
      else reject(failure);
    });
  });
}

/** The last line counts only when it is ended: what a killed process was writing is no answer. */
function lineTaker(onLine: (line: string) => void, onTooLong: () => void): (bytes: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (bytes) => {
    const lines = (rest + decoder.write(bytes)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/, ''));
    if (rest.length <= LINE_CHARACTERS) return;
    rest = '';
    onTooLong();
  };
}
