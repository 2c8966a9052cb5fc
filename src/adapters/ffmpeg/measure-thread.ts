/** The thread of one measure: runs ffmpeg as its worker data says and meters the sound that comes out. */
import { parentPort, workerData } from 'node:worker_threads';
import { isAppError } from '../../domain/app-error.ts';
import { METER_RATE_HZ } from './ffmpeg-arguments.ts';
import { runFfmpeg } from './ffmpeg-process.ts';
import { LoudnessMeter } from './loudness-meter.ts';
import type { MeasureAnswer, MeasureTask } from './measure-in-thread.ts';

/** Of sound, between one reading and the next. */
const READING_EVERY_MS = 10_000;

const { command, ffmpegArguments, bounds } = workerData as MeasureTask;
const answer = (message: MeasureAnswer): void => parentPort?.postMessage(message);

const stopping = new AbortController();
// The only message there is.
parentPort?.once('message', () => stopping.abort());

const meter = new LoudnessMeter(METER_RATE_HZ);
let nextReadingMs = READING_EVERY_MS;

try {
  const run = await runFfmpeg(command, ffmpegArguments, bounds, {
    signal: stopping.signal,
    onProgress: (doneMs) => answer({ kind: 'progress', doneMs }),
    onPcm: (bytes) => {
      meter.add(bytes);
      if (meter.doneMs < nextReadingMs) return;
      nextReadingMs = meter.doneMs + READING_EVERY_MS;
      answer({ kind: 'reading', level: meter.level(), doneMs: meter.doneMs });
    },
  });
  answer({ kind: 'end', run, level: meter.level(), waveform: meter.finishWaveform() });
} catch (error) {
  if (!isAppError(error)) throw error;
  answer({ kind: 'failure', code: error.code, message: error.message });
}
// Else it would go on listening for a stop.
parentPort?.close();
