import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMediaTool } from '../src/adapters/ffmpeg/open-media-tool.ts';
import { isFinal, type AsyncRequest } from '../src/domain/request.ts';
import type { TextToSpeech } from '../src/domain/text-to-speech.ts';
import { generateTtsPayload } from '../src/http/schemas/action-payloads.ts';
import { createActionRegistry } from '../src/services/actions/action-registry.ts';
import { generateTtsAction } from '../src/services/actions/generate-tts-action.ts';
import type { Ports } from '../src/services/ports.ts';
import { startWorker } from '../src/services/worker.ts';
import { createMemoryPorts } from './memory-ports.ts';
import { openTestApp, type TestApp } from './test-app.ts';

export interface SpeechApp extends TestApp {
  readonly token: string;
  /** Progress as it was told of each request, in its order. */
  readonly told: Map<string, { readonly percentage: number; readonly message: string }[]>;
  order(body: Record<string, unknown>): ReturnType<TestApp['request']>;
  /** Until it has ended. */
  ended(requestId: string): Promise<AsyncRequest>;
  /** Keys of objects and names of temporary files that only work in progress may have. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

/** The interface over a library in memory, with a real ffmpeg, a worker, and an engine that speaks. */
export async function openSpeechApp(
  textToSpeech: TextToSpeech | null,
  overrides: Partial<Ports> = {},
): Promise<SpeechApp> {
  const tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  const searchPath = process.env['PATH'] ?? '';
  let wake = () => {};
  const base = createMemoryPorts({
    textToSpeech,
    ...overrides,
    policy: { tempDir },
    wakeWorkers: () => wake(),
  });
  const mediaTool = await openMediaTool({ searchPath, tempDir, maxAudioHours: 24, log: base.log });
  const withTool: Ports = { ...base, mediaTool };
  const actions = createActionRegistry([generateTtsAction(withTool, generateTtsPayload)]);
  const ports: Ports = { ...withTool, actions };
  const told: SpeechApp['told'] = new Map();
  const watches: (() => void)[] = [];
  const worker = startWorker(ports, { actions, concurrency: 2, leaseMs: 20_000, pollMs: 50, watchMs: 50 });
  wake = () => worker.wake();
  const test = await openTestApp(ports);
  const { token } = await test.addUser('anna');
  const ended = async (requestId: string): Promise<AsyncRequest> => {
    for (;;) {
      const request = await ports.queue.find(requestId);
      if (request !== null && isFinal(request.status)) return request;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    ...test,
    token,
    told,
    async order(body) {
      const response = await test.request('POST', '/api/audio/generate-tts', { token, body });
      const { request_id: requestId } = response.json<{ request_id?: string }>();
      if (requestId !== undefined) {
        const states: { percentage: number; message: string }[] = [];
        told.set(requestId, states);
        watches.push(
          ports.hub.watch(requestId, ({ progress, progressMessage }) => {
            states.push({ percentage: progress, message: progressMessage });
          }),
        );
      }
      return response;
    },
    ended,
    async leftovers() {
      const uploaded = await ports.objects.list('uploads/', { limit: 100 });
      return [...uploaded.items.map(({ key }) => key), ...(await readdir(tempDir))];
    },
    async close() {
      for (const stopWatching of watches) stopWatching();
      await worker.stop(0);
      await test.app.close();
      await rm(tempDir, { recursive: true });
    },
  };
}
