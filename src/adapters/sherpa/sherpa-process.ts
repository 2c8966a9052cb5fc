/**
 * A program that hears one piece with sherpa-onnx: a native addon, which ends its process over a broken model and blocks
 * it while it decodes. It is told a SherpaJob, and prints SherpaMessages.
 */
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import {
  EXIT_BAD_MODEL,
  EXIT_NO_ADDON,
  SAMPLE_RATE_HZ,
  type SherpaJob,
  type SherpaMessage,
} from './sherpa-job.ts';
import type { SherpaStretch } from './sherpa-job.ts';
import { isSilent, MAX_STRETCH_SAMPLES, stretchEnd } from './stretches.ts';

interface Recognizer {
  createStream(): { acceptWaveform(wave: { sampleRate: number; samples: Float32Array }): void };
  decode(stream: object): void;
  getResult(stream: object): Partial<Pick<SherpaStretch, 'text' | 'tokens' | 'timestamps' | 'lang'>>;
}

const STDOUT = 1;
const STDERR = 2;
const SAMPLE_BYTES = 2;
const FULL_SCALE = 32_768;
const MS_PER_SAMPLE = 1000 / SAMPLE_RATE_HZ;

// Written at once: a call of the addon blocks, and may be the last thing that happens here.
const say = (message: SherpaMessage) => writeSync(STDOUT, `${JSON.stringify(message)}\n`);

/** A call of the addon blocks this thread: another one sees when the server has gone, and nobody waits any more. */
const WATCH = `
  const { ppid, pid } = process;
  setInterval(() => process.ppid === ppid || process.kill(pid, 'SIGKILL'), 500);
`;

new Worker(WATCH, { eval: true }).unref();

const job = JSON.parse(process.argv[2] ?? '') as SherpaJob;
const addon = loadAddon();
const recognizer = addon === null ? null : openRecognizer(addon);
if (recognizer !== null) {
  say({ ready: true });
  await hearAll(recognizer);
}

function loadAddon(): { OfflineRecognizer: new (config: object) => Recognizer } | null {
  try {
    return createRequire(import.meta.url)(job.addon) as {
      OfflineRecognizer: new (config: object) => Recognizer;
    };
  } catch (error) {
    writeSync(STDERR, `${String(error)}\n`);
    process.exitCode = EXIT_NO_ADDON;
    return null;
  }
}

function openRecognizer({ OfflineRecognizer }: NonNullable<ReturnType<typeof loadAddon>>): Recognizer | null {
  const { kind, tokens, files } = job.model;
  const language = job.language ?? (kind === 'senseVoice' ? 'auto' : '');
  const own = {
    ...files,
    ...(['whisper', 'senseVoice'].includes(kind) && { language }),
    ...(kind === 'whisper' && { task: 'transcribe' }),
    ...(kind === 'senseVoice' && { useInverseTextNormalization: 1 }),
  };
  const modelConfig = { [kind]: own, tokens, numThreads: job.threads, provider: 'cpu', debug: 0 };
  try {
    return new OfflineRecognizer({ featConfig: { sampleRate: SAMPLE_RATE_HZ, featureDim: 80 }, modelConfig });
  } catch (error) {
    writeSync(STDERR, `${String(error)}\n`);
    process.exitCode = EXIT_BAD_MODEL;
    return null;
  }
}

async function hearAll(engine: Recognizer): Promise<void> {
  await using file = await open(job.path);
  const bytes = Buffer.alloc(MAX_STRETCH_SAMPLES * SAMPLE_BYTES);
  const totalSamples = Math.floor(job.sizeBytes / SAMPLE_BYTES);
  for (let start = 0; start < totalSamples;) {
    const wanted = Math.min(MAX_STRETCH_SAMPLES, totalSamples - start);
    const { bytesRead } = await file.read(
      bytes,
      0,
      wanted * SAMPLE_BYTES,
      job.startByte + start * SAMPLE_BYTES,
    );
    const count = Math.floor(bytesRead / SAMPLE_BYTES);
    if (count === 0) break;
    const read = Float32Array.from(
      { length: count },
      (_, at) => bytes.readInt16LE(at * SAMPLE_BYTES) / FULL_SCALE,
    );
    const samples = read.slice(0, stretchEnd(read, start + count >= totalSamples));
    const end = start + samples.length;
    say({ stretch: isSilent(samples) ? null : hear(engine, samples, start), doneMs: end * MS_PER_SAMPLE });
    start = end;
  }
}

function hear(engine: Recognizer, samples: Float32Array, start: number): SherpaStretch {
  const stream = engine.createStream();
  stream.acceptWaveform({ sampleRate: SAMPLE_RATE_HZ, samples });
  engine.decode(stream);
  const { text = '', tokens = [], timestamps = [], lang = '' } = engine.getResult(stream);
  const [startMs, endMs] = [start, start + samples.length].map((at) => at * MS_PER_SAMPLE);
  return { startMs: startMs ?? 0, endMs: endMs ?? 0, text, tokens, timestamps, lang };
}
