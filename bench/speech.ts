/**
 * What transcribing costs beside its engine, and how well that hears: `speech.ts [--quick]`. The peer is ffmpeg, which
 * makes a WAV of 16 kHz, and then pocketsphinx on that WAV, both by themselves. Ours is the action `transcribe` on the
 * embedded home, in this process. The words were spoken by flite, so it is known what they are.
 */
import { execFile } from 'node:child_process';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { uploadKey } from '../src/domain/object-key.ts';
import { readConfig } from '../src/entry/config.ts';
import { openEmbeddedHome } from '../src/entry/embedded.ts';
import { createLogger } from '../src/entry/logger.ts';
import { transcribe } from '../src/services/actions/transcribe.ts';
import type { Ports } from '../src/services/ports.ts';
import { receiveUpload } from '../src/services/receive-upload.ts';
import { players } from '../test/e2e/players.ts';
import { makeDataDirectory, startProgram } from '../test/e2e/program.ts';
import { startOpenAiStandIn } from '../test/servers/openai-stand-in.ts';
import { transcriptionHandlers } from '../test/servers/openai-transcriptions.ts';
import {
  findInstalledPocketsphinx,
  findEngine,
  silentPcm,
  speakPcm,
  wordErrorRate,
  writePiece,
} from '../test/spoken-audio.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { CAN_TELL_USAGE, NO_USAGE, readTreeUsage } from './harness/process-usage.ts';
import { atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const execute = promisify(execFile);

const TEXT = [
  'The old man told the children a story about a king who lived in the mountains.',
  'Every morning the king looked out of his window and counted the birds in the garden.',
  'One day there was a new bird, and it was as blue as the sky in summer.',
  'The king opened the window and asked the bird where it had come from.',
  'I have come from the sea, said the bird, and I am very tired.',
  'So the king gave the bird some bread and water, and they became friends.',
  'When the winter came the bird flew away, but it came back in the spring.',
];
const VOICES = ['rms', 'kal16', 'slt', 'awb'];
const AT_ONCE = 4;
const MIB = 1024 * 1024;
const LOOK_MS = 50;

await runBench('Speech', async (run) => {
  const { ffmpeg } = players;
  const { program, model } = await findInstalledPocketsphinx();
  if (ffmpeg === null || program === null || model === null || findEngine('flite') === null) {
    run.note(
      'ffmpeg, pocketsphinx with its model of English, or flite is not on the PATH: nothing is measured',
    );
    return [];
  }
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
  run.onEnd(() => rm(directory, { recursive: true, force: true }));
  const source = await makeSpeech(ffmpeg, directory, run.quick);
  const bare = async (): Promise<Times> => {
    const startedAt = performance.now();
    const wav = join(directory, 'bare.wav');
    const converted = ['-nostdin', '-v', 'error', '-y', '-i', source.path, '-ar', '16000', '-ac', '1', wav];
    await execute(ffmpeg, converted);
    const besideMs = performance.now() - startedAt;
    const files = ['-hmm', model.acoustic, '-lm', model.language, '-dict', model.dictionary];
    const task = program.flavour === 'single' ? [...files, 'single', wav] : [...files, '-infile', wav];
    await execute(program.path, task, { maxBuffer: 64 * MIB });
    return { allMs: performance.now() - startedAt, besideMs };
  };
  return [
    ...(await compareTimes(run, directory, source, bare)),
    ...(await measureMemory(run, ffmpeg, directory)),
  ];
});

/** Of one transcription: all of it, and what passed beside the engine. */
interface Times {
  readonly allMs: number;
  readonly besideMs: number;
}

interface Speech {
  readonly path: string;
  readonly text: string;
  readonly seconds: number;
}

/** As a recorder on a phone writes it. */
async function makeSpeech(ffmpeg: string, directory: string, isQuick: boolean): Promise<Speech> {
  const pcm: Buffer[] = [silentPcm(1500)];
  const said: string[] = [];
  for (const voice of isQuick ? VOICES.slice(0, 1) : VOICES) {
    for (const sentence of isQuick ? TEXT.slice(0, 1) : TEXT) {
      pcm.push(await speakPcm(sentence, join(directory, 'voice.wav'), voice), silentPcm(700));
      said.push(sentence);
    }
  }
  const { path: wav, durationMs } = await writePiece(join(directory, 'speech.wav'), ...pcm);
  const path = join(directory, 'speech.m4a');
  await execute(ffmpeg, ['-nostdin', '-v', 'error', '-y', '-i', wav, '-ar', '44100', '-b:a', '96k', path]);
  return { path, text: said.join(' '), seconds: durationMs / 1000 };
}

async function compareTimes(
  run: BenchRun,
  directory: string,
  { path, text, seconds }: Speech,
  bare: () => Promise<Times>,
): Promise<Measure[]> {
  const config = readConfig(
    {
      DATA_DIR: join(directory, 'data'),
      PATH: process.env['PATH'],
      STT_ENGINE: 'pocketsphinx',
      TRANSCRIPT_CACHE_DAYS: '0',
    },
    directory,
  );
  const home = await openEmbeddedHome(config, createLogger('silent', false));
  run.onEnd(() => home.close());
  let heard = '';
  const { ours, peer } = await interleave(run.quick ? 1 : 3, {
    ours: async (): Promise<Times> => {
      const { engineMs } = home.ports.speechTally;
      const startedAt = performance.now();
      heard = await transcribeFile(home.ports, path);
      const allMs = performance.now() - startedAt;
      return { allMs, besideMs: allMs - (home.ports.speechTally.engineMs - engineMs) };
    },
    peer: bare,
  });
  const all = (times: readonly Times[]) => times.map(({ allMs }) => allMs);
  const beside = (times: readonly Times[]) => times.map(({ besideMs }) => besideMs);
  const inSeconds = (times: readonly number[]) => `${(median(times) / 1000).toFixed(2)} s`;
  // Exact where the engine itself takes now longer, now shorter: what ours adds to what the peer does beside its engine.
  const added = ours.map(({ besideMs }, round) => besideMs - (peer[round]?.besideMs ?? NaN));
  const errors = wordErrorRate(text, heard);
  run.note(`${seconds.toFixed(0)} s of speech; the peer is ffmpeg and pocketsphinx by themselves`);
  return [
    {
      name: 'a transcription: time',
      ours: inSeconds(all(ours)),
      peer: inSeconds(all(peer)),
      value: medianRatio(all(ours), all(peer)),
    },
    {
      name: 'beside the engine',
      ours: inSeconds(beside(ours)),
      peer: inSeconds(beside(peer)),
    },
    {
      name: 'what that adds to all of the peer’s',
      ours: `${(100 * (median(added) / median(all(peer)))).toFixed(1)} %`,
      value: 100 * (median(added) / median(all(peer))),
      target: atMost(5, '%'),
    },
    { name: 'of real time', ours: `${(median(all(ours)) / 1000 / seconds).toFixed(3)}x` },
    { name: 'words right (pocketsphinx, voices of flite)', ours: `${(100 * (1 - errors)).toFixed(1)} %` },
  ];
}

/** From an upload that has come to its result. */
async function transcribeFile(ports: Ports, path: string): Promise<string> {
  const upload = await receiveUpload(ports, createReadStream(path));
  const requestId = ports.newId();
  const key = uploadKey(requestId);
  await ports.objects.takeFile(key, upload.path);
  const request = await ports.queue.enqueue({
    requestId,
    action: 'transcribe',
    payload: { upload_key: key, original_filename: 'speech.m4a' },
    userId: 'bench',
    tenantId: 'default',
    maxRetries: 0,
  });
  const { signal } = new AbortController();
  const context = { signal, isLastAttempt: true, log: ports.log, report: () => undefined };
  const result = (await transcribe(ports, request, context)) as { readonly transcript: string };
  return result.transcript;
}

/** With an engine elsewhere, so that what is measured is the pipeline's own. */
async function measureMemory(run: BenchRun, ffmpeg: string, directory: string): Promise<Measure[]> {
  if (!CAN_TELL_USAGE) {
    run.note(NO_USAGE);
    return [];
  }
  const minutes = run.quick ? 1 : 10;
  const path = join(directory, 'long.wav');
  const sound = `aevalsrc='0.3*sin(2*PI*180*t)*gt(sin(2*PI*0.2*t),-0.5)':s=44100:d=${minutes * 60}`;
  await execute(ffmpeg, ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', sound, '-ac', '2', path]);
  const segments = [{ start: 0, end: 1, text: 'Something.' }];
  const script = { segments, language: 'en', asked: [] };
  // Long enough for all to be under way at once.
  const standIn = await startOpenAiStandIn({ handlers: transcriptionHandlers(script), delayMs: 3000 });
  run.onEnd(() => standIn.stop());
  const temporary = await makeDataDirectory();
  run.onEnd(() => temporary.remove());
  const environment = {
    TMPDIR: temporary.path,
    OPENAI_API_KEY: standIn.apiKey,
    OPENAI_BASE_URL: standIn.baseUrl,
    STT_CONCURRENCY: String(AT_ONCE),
    WORKERS: String(AT_ONCE),
  };
  const data = await makeDataDirectory();
  run.onEnd(() => data.remove());
  const program = await startProgram(data.path, { AUTH: 'off', SHUTDOWN_GRACE_S: '0', ...environment });
  run.onEnd(() => program.kill());
  // The first of everything: threads, compiled code.
  await transcribeOver(program.url, path);
  const idle = await readTreeUsage(program.pid);
  let busyBytes = 0;
  const looking = setInterval(() => {
    void readTreeUsage(program.pid).then(({ memoryBytes }) => (busyBytes = Math.max(busyBytes, memoryBytes)));
  }, LOOK_MS);
  await Promise.all(Array.from({ length: AT_ONCE }, () => transcribeOver(program.url, path)));
  clearInterval(looking);
  const each = (busyBytes - idle.memoryBytes) / AT_ONCE;
  const inMib = (bytes: number) => `${(bytes / MIB).toFixed(0)} MB`;
  run.note(`${AT_ONCE} at once, WAVs of ${minutes} minutes; the engine is elsewhere`);
  run.note('memory of the server with its ffmpegs, what they share counted once');
  return [
    { name: 'memory: idle', ours: inMib(idle.memoryBytes) },
    { name: `memory: ${AT_ONCE} at once`, ours: inMib(busyBytes) },
    {
      name: 'memory: of each transcription',
      ours: inMib(each),
      value: each / MIB,
      target: atMost(100, 'MB'),
    },
  ];
}

async function transcribeOver(url: string, path: string): Promise<void> {
  const form = new FormData();
  form.set('file', await openAsBlob(path), 'long.wav');
  const headers = { prefer: 'wait=30' };
  const answer = await fetch(`${url}/api/transcriptions`, { method: 'POST', body: form, headers });
  const { status, request_id: id } = (await answer.json()) as { status: string; request_id: string };
  if (answer.status >= 400) throw new Error(`The server answered ${answer.status}.`);
  for (let state = status; state !== 'COMPLETED';) {
    if (state === 'FAILED') throw new Error('A transcription failed.');
    const look = await fetch(`${url}/api/requests/${id}`);
    ({ status: state } = (await look.json()) as { status: string });
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
