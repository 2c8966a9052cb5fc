import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { openMediaTool } from '../src/adapters/ffmpeg/open-media-tool.ts';
import { openSpeechWorkspaces } from '../src/adapters/files/speech-workspaces.ts';
import type { AudioFile } from '../src/domain/audio-file.ts';
import type { Caller } from '../src/domain/caller.ts';
import type { AsyncRequest } from '../src/domain/request.ts';
import type { RecognizedSpeech, SpeechToText, SpeechToTextOptions } from '../src/domain/speech-to-text.ts';
import type { ActionContext } from '../src/services/actions/action.ts';
import { createActionRegistry } from '../src/services/actions/action-registry.ts';
import { transcribe } from '../src/services/actions/transcribe.ts';
import { transcribeAction } from '../src/services/actions/transcribe-action.ts';
import type { TranscribeFilePayload } from '../src/services/transcribe-job.ts';
import type { PayloadSchema } from '../src/domain/payload-schema.ts';
import { LOCAL_CALLER } from '../src/services/authenticate.ts';
import type { Ports, SpeechPolicy } from '../src/services/ports.ts';
import { makeWav } from './made-audio.ts';
import { createMemoryPorts, type PortOverrides } from './memory-ports.ts';
import { audioFile, playablePart } from './sample-records.ts';
import { anyPayload } from './test-actions.ts';

export const CALLER: Caller = { ...LOCAL_CALLER, userId: 'user' };

/** What an engine of a test is asked, and answers. */
export type Hear = (path: string, options: SpeechToTextOptions) => Promise<RecognizedSpeech>;

/** A library in memory, a real ffmpeg, real temporary files, and an engine that says what the test wants. */
export interface TranscribeBench {
  readonly ports: Ports;
  /** How often the engine was asked. */
  readonly asked: { count: number };
  /** The directory of all temporary files. */
  readonly tempDir: string;
  /** A file of the library that was uploaded with these bytes. */
  addFile(filename: string, bytes: Uint8Array, change?: Partial<AudioFile>): Promise<AudioFile>;
  run(request: AsyncRequest, context?: Partial<ActionContext>): ReturnType<typeof transcribe>;
  /** Names of temporary files, and keys of uploads. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

export interface TranscribeBenchOptions {
  readonly hear?: Hear;
  readonly engine?: Partial<SpeechToText> | null;
  readonly speech?: Partial<SpeechPolicy>;
  readonly workspaceBytes?: number;
  readonly ports?: PortOverrides;
}

export async function openTranscribeBench(options: TranscribeBenchOptions = {}): Promise<TranscribeBench> {
  const tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  const base = createMemoryPorts(options.ports);
  const { log, clock } = base;
  const workspaces = await openSpeechWorkspaces({
    systemTempDir: tempDir,
    fallbackDir: tempDir,
    maxBytes: options.workspaceBytes ?? 1024 ** 3,
    clock,
    log,
  });
  const tool = await openMediaTool({
    searchPath: process.env['PATH'] ?? '',
    tempDir,
    maxAudioHours: 1,
    log,
  });
  const asked = { count: 0 };
  const engine: SpeechToText = {
    kind: 'pocketsphinx',
    id: 'test:1',
    input: { format: 'wav', maxPieceMs: 60_000 },
    isLocal: true,
    describe: async () => ({ kind: 'pocketsphinx', model: 'test' }),
    transcribe: async (path, how) => {
      asked.count += 1;
      return options.hear?.(path, how) ?? { segments: [{ startMs: 0, endMs: 500, text: 'hello moon' }] };
    },
    ...options.engine,
  };
  const policy = { ...base.policy, tempDir, speech: { ...base.policy.speech, ...options.speech } };
  const withoutActions: Ports = {
    ...base,
    mediaTool: tool,
    speechDecoder: tool,
    speechWorkspaces: workspaces,
    speechToText: options.engine === null ? null : engine,
    policy,
  };
  const payload = anyPayload as PayloadSchema<never> as PayloadSchema<TranscribeFilePayload>;
  const actions = createActionRegistry([transcribeAction(withoutActions, payload)]);
  const ports: Ports = { ...withoutActions, actions };
  return {
    ports,
    asked,
    tempDir,

    async addFile(filename, bytes, change = {}) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const originalKey = `originals/${sha256}.wav`;
      await ports.objects.write(originalKey, [bytes]);
      return ports.audioFiles.create(
        audioFile(filename, {
          originalFilename: 'story.wav',
          originalSha256: sha256,
          originalKey,
          part: playablePart(),
          ...change,
        }),
      );
    },

    run: (request, context = {}) =>
      transcribe(ports, request, {
        signal: new AbortController().signal,
        isLastAttempt: true,
        log: ports.log,
        report: () => undefined,
        ...context,
      }),

    async leftovers() {
      const uploads = await ports.objects.list('uploads/', { limit: 100 });
      return [...uploads.items.map(({ key }) => key), ...(await readdir(workspaces.path))];
    },

    async close() {
      await workspaces.close();
      await rm(tempDir, { recursive: true });
    },
  };
}

/** Silence, with a tone in each of these stretches of seconds. */
export function makeSpokenWav(
  seconds: number,
  ...tones: (readonly [from: number, to: number])[]
): Uint8Array {
  const sampleRateHz = 16_000;
  return makeWav({ seconds, sampleRateHz, channels: 1 }, (sample) => {
    const atS = sample / sampleRateHz;
    const isHeard = tones.some(([from, to]) => atS >= from && atS < to);
    return isHeard ? 0.4 * Math.sin(2 * Math.PI * 330 * atS) : 0;
  });
}

/** Opens benches for the tests of a `describe`; each must leave nothing behind. */
export function useTranscribeBenches(): (options?: TranscribeBenchOptions) => Promise<TranscribeBench> {
  const benches: TranscribeBench[] = [];
  afterEach(async () => {
    for (const bench of benches.splice(0)) {
      const left = await bench.leftovers();
      await bench.close();
      expect(left).toEqual([]);
    }
  });
  return async (options) => {
    const bench = await openTranscribeBench(options);
    benches.push(bench);
    return bench;
  };
}
