import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMediaTool } from '../src/adapters/ffmpeg/open-media-tool.ts';
import type { MediaToolSettings } from '../src/adapters/ffmpeg/open-media-tool.ts';
import { createTagReader } from '../src/adapters/tags/tag-reader.ts';
import type { LibraryFolder } from '../src/domain/library-folder.ts';
import type { AsyncRequest } from '../src/domain/request.ts';
import type { ActionContext } from '../src/services/actions/action.ts';
import { ingest } from '../src/services/actions/ingest.ts';
import type { IngestPayload, IngestPorts } from '../src/services/ingest-job.ts';
import type { Policy, Ports } from '../src/services/ports.ts';
import { createMemoryPorts } from './memory-ports.ts';

/** What the ingest needs to run on: a library in memory, a real ffmpeg, a directory for temporary files. */
export interface IngestBench {
  readonly ports: Ports;
  readonly tempDir: string;
  /** What the library's folder shows: key by file name. */
  readonly shown: ReadonlyMap<string, string>;
  /** Stores an upload and makes the request that would take it in. */
  upload(content: Uint8Array, payload: Partial<IngestPayload>): Promise<AsyncRequest>;
  run(request: AsyncRequest, context?: Partial<ActionContext>, ports?: IngestPorts): Promise<unknown>;
  /** Keys of objects and names of temporary files that only work in progress may have. */
  leftovers(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openIngestBench(
  options: Partial<Pick<Ports, 'mediaTool' | 'tagReader'>> & {
    readonly policy?: Partial<Policy>;
    readonly ffmpeg?: Partial<Pick<MediaToolSettings, 'ffmpegPath' | 'maxRuns' | 'stallMs'>>;
  } = {},
): Promise<IngestBench> {
  const tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  const shown = new Map<string, string>();
  let uploads = 0;
  const policy = { maxAudioHours: 1, ...options.policy, tempDir };
  const ports = createMemoryPorts({
    policy,
    folder: recordingFolder(shown),
    tagReader: options.tagReader ?? createTagReader(),
  });
  const { log } = ports;
  const searchPath = process.env['PATH'] ?? '';
  const mediaTool =
    options.mediaTool ??
    (await openMediaTool({
      searchPath,
      tempDir,
      maxAudioHours: policy.maxAudioHours,
      log,
      ...options.ffmpeg,
    }));
  const benchPorts: Ports = { ...ports, mediaTool };

  return {
    ports: benchPorts,
    tempDir,
    shown,

    async upload(content, given) {
      uploads += 1;
      const requestId = `request-${uploads}`;
      const payload: IngestPayload = {
        upload_key: `uploads/${requestId}`,
        filename: 'story.mp3',
        original_filename: 'story.wav',
        original_sha256: createHash('sha256').update(content).digest('hex'),
        original_size: content.length,
        ...given,
      };
      await benchPorts.objects.write(payload.upload_key, [content]);
      return benchPorts.queue.enqueue({
        requestId,
        action: 'ingest',
        payload: { ...payload },
        userId: 'user',
        tenantId: 'default',
        maxRetries: 3,
      });
    },

    run(request, context = {}, runPorts = benchPorts) {
      const { signal } = new AbortController();
      return ingest(runPorts, request, {
        signal,
        isLastAttempt: false,
        log: ports.log,
        report: () => undefined,
        ...context,
      });
    },

    async leftovers() {
      const uploaded = await benchPorts.objects.list('uploads/', { limit: 100 });
      return [...uploaded.items.map(({ key }) => key), ...(await readdir(tempDir))];
    },

    close: () => rm(tempDir, { recursive: true }),
  };
}

function recordingFolder(shown: Map<string, string>): LibraryFolder {
  return {
    async publish(_tenantId, filename, key) {
      shown.set(filename, key);
      return true;
    },
    async withdraw(_tenantId, filename) {
      shown.delete(filename);
    },
    listDropped: async () => [],
    ignoreDropped: () => undefined,
    removeDropped: async () => false,
  };
}
