/** A thread that meters: runs ffmpeg as each task says, one after the other, and tells of the sound that comes out. */
import { parentPort } from 'node:worker_threads';
import { isAppError } from '../../domain/app-error.ts';
import { runFfmpeg } from './ffmpeg-process.ts';
import { READING_NUMBERS, type MeasureAnswer, type MeasureOrder, type MeasureTask } from './measure-task.ts';
import { METER_RATE_HZ } from './sound-summary.ts';
import { StretchMeter } from './stretch-meter.ts';

/** Ten seconds of sound. */
const READINGS_PER_ANSWER = 100;

const answer = (message: MeasureAnswer): void => parentPort?.postMessage(message);

let stopping = new AbortController();

parentPort?.on('message', (order: MeasureOrder) => {
  if (order === 'stop') stopping.abort();
  else {
    stopping = new AbortController();
    void measure(order, stopping.signal);
  }
});

async function measure(
  { command, ffmpegArguments, bounds }: MeasureTask,
  signal: AbortSignal,
): Promise<void> {
  const readings = new Float64Array(READINGS_PER_ANSWER * READING_NUMBERS);
  let filled = 0;
  const flush = (): void => {
    answer({ kind: 'readings', readings: readings.slice(0, filled) });
    filled = 0;
  };
  const meter = new StretchMeter(METER_RATE_HZ, (energy, peak, mixPeak) => {
    readings[filled] = energy;
    readings[filled + 1] = peak;
    readings[filled + 2] = mixPeak;
    filled += READING_NUMBERS;
    if (filled === readings.length) flush();
  });
  try {
    const run = await runFfmpeg(command, ffmpegArguments, bounds, {
      signal,
      onProgress: (doneMs) => answer({ kind: 'progress', doneMs }),
      onPcm: (bytes) => meter.add(bytes),
    });
    flush();
    answer({ kind: 'end', run, rest: meter.rest() });
  } catch (error) {
    // What is not foreseen ends the thread.
    if (!isAppError(error)) throw error;
    answer({ kind: 'failure', code: error.code, message: error.message });
  }
}
