import { Counter, type Registry } from 'prom-client';
import type { Ports } from '../services/ports.ts';
import type { SpeechTally } from '../services/speech-tally.ts';

/** What only rises, as a number and its meaning. */
const COUNTERS = [
  ['input_bytes', 'Bytes of recordings that were transcribed, as they came.', (tally) => tally.inputBytes],
  [
    'recorded_seconds',
    'Of recordings that were decoded to be transcribed.',
    (tally) => tally.recordedMs / 1000,
  ],
  ['heard_seconds', 'Of those, what an engine was given.', (tally) => tally.heardMs / 1000],
  ['decoding_seconds', 'Spent on decoding.', (tally) => tally.decodingMs / 1000],
  ['engine_seconds', 'Spent on waiting for an engine.', (tally) => tally.engineMs / 1000],
  ['temporary_files_removed', 'Temporary files that were removed.', (tally) => tally.clearedFiles],
  ['temporary_files_left', 'Temporary files that could not be removed.', (tally) => tally.clearFailures],
] as const satisfies readonly (readonly [string, string, (tally: SpeechTally) => number])[];

/** What transcribing comes to. Labels are the codes of errors, of which there is a list. */
export function registerSpeechMetrics(
  { speechTally }: Pick<Ports, 'speechTally'>,
  registers: Registry[],
): void {
  for (const [name, help, read] of COUNTERS) {
    new Counter({
      name: `earshot_transcription_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(speechTally));
      },
    });
  }
  new Counter({
    name: 'earshot_transcriptions_total',
    help: 'Transcriptions by how an attempt ended: completed, cached, or the code of its error.',
    labelNames: ['end'],
    registers,
    collect() {
      this.reset();
      for (const [end, count] of speechTally.ends) this.inc({ end }, count);
    },
  });
}
