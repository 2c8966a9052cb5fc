import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryRequestQueue } from '../src/adapters/memory/memory-request-queue.ts';
import { AppError } from '../src/domain/app-error.ts';
import type { AudioFile } from '../src/domain/audio-file.ts';
import type { MediaTool } from '../src/domain/media-tool.ts';
import type { AppOptions } from '../src/http/app.ts';
import { failureOf } from '../src/services/actions/action.ts';
import { parseIngestJob } from '../src/services/ingest-job.ts';
import type { Ports } from '../src/services/ports.ts';
import type { PortOverrides } from './memory-ports.ts';
import { openTestApp, type TestApp } from './test-app.ts';

export interface LibraryApp extends TestApp {
  /** While it is held, uploads stay `processing`. */
  hold(): void;
  release(): void;
  /** What lies in the directory of temporary files. */
  listTemporary(): Promise<string[]>;
  close(): Promise<void>;
}

/** One that takes in whatever says that it is audio, by its first letters. */
const mediaTool: Pick<MediaTool, 'probe'> = {
  probe: async (path) => {
    await using file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(5), 0, 5, 0);
    if (buffer.toString('latin1') !== 'AUDIO') throw noAudio();
    return { format: FORMAT };
  },
};

const FORMAT = { codec: 'pcm_s16le', sampleRateHz: 44_100, channels: 2, bitrateKbps: 1411 };
const noAudio = () => new AppError('unsupported_media', 'There is no audio in this file.');

/** The interface over a library in memory, whose ingest stores what comes as if it were playable already. */
export async function openLibraryApp(
  overrides: PortOverrides = {},
  options: Partial<AppOptions> = {},
): Promise<LibraryApp> {
  const tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  let isHeld = false;
  let working: Promise<void> = Promise.resolve();
  const work = () => {
    working = working.then(async () => {
      while (!isHeld && (await ingestNext(test.ports)));
    });
  };
  const test = await openTestApp(
    {
      mediaTool: { ...absentMediaTool, ...mediaTool },
      queue: createMemoryRequestQueue({ clock: Date.now, newId: () => crypto.randomUUID() }),
      wakeWorkers: work,
      ...overrides,
      policy: { tempDir, ...overrides.policy },
    },
    options,
  );
  return {
    ...test,
    hold: () => (isHeld = true),
    release: () => {
      isHeld = false;
      work();
    },
    listTemporary: () => readdir(tempDir),
    close: async () => {
      // A refused upload may still be flowing away; nobody waits for that here.
      test.app.server.closeAllConnections();
      await test.app.close();
      await working;
      await rm(tempDir, { recursive: true });
    },
  };
}

const absent = async (): Promise<never> => {
  throw new AppError('tool_unavailable', 'There is no ffmpeg here.');
};
const absentMediaTool: MediaTool = {
  describe: absent,
  probe: absent,
  idleCores: () => 1,
  measureLoudness: absent,
  encode: absent,
};

async function ingestNext(ports: Ports): Promise<boolean> {
  const [claimed] = await ports.queue.claim(['ingest'], 60_000, 1);
  if (claimed === undefined) return false;
  const { payload, tenantId, requestId } = parseIngestJob(claimed.request);
  try {
    const chunks = await Array.fromAsync(ports.objects.read(payload.upload_key));
    const bytes = Buffer.concat(chunks);
    await ports.objects.delete(payload.upload_key);
    const file = await ports.audioFiles.find(tenantId, payload.filename);
    if (file === null || bytes.includes('LATE FAILURE')) {
      await ports.audioFiles.delete(tenantId, payload.filename);
      throw noAudio();
    }
    await ports.audioFiles.save(await makeReady(ports, { ...file, requestId }, bytes), file.revision);
    await ports.queue.complete(claimed.lease, { filename: payload.filename });
  } catch (error) {
    await ports.queue.fail(claimed.lease, failureOf(error));
  }
  return true;
}

/** Stores the bytes as playable and as original, and says so. */
export async function makeReady(
  ports: Pick<Ports, 'objects'>,
  file: AudioFile,
  bytes: Uint8Array,
): Promise<AudioFile> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const key = `playable/${sha256}.mp3`;
  const originalKey = `originals/${sha256}.wav`;
  await ports.objects.write(key, [bytes]);
  await ports.objects.write(originalKey, [bytes]);
  return {
    ...file,
    state: 'ready',
    originalKey,
    originalSha256: sha256,
    originalSizeBytes: bytes.length,
    durationMs: 2612,
    format: FORMAT,
    part: {
      key,
      sha256,
      sizeBytes: bytes.length,
      audioStartByte: 0,
      audioBytes: bytes.length,
      frameCount: 100,
      samplesPerFrame: 1152,
      sampleRateHz: 44_100,
      constantBitrate: true,
      bitrateKbps: 128,
      profileVersion: 1,
      gainSteps: 0,
    },
  };
}
