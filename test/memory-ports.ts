import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { createMemoryApiKeyStore } from '../src/adapters/memory/memory-api-key-store.ts';
import { createMemoryAudioFileStore } from '../src/adapters/memory/memory-audio-file-store.ts';
import { createMemoryConnectionStore } from '../src/adapters/memory/memory-connection-store.ts';
import { createMemoryDirectUploads } from '../src/adapters/memory/memory-direct-uploads.ts';
import { createMemoryIdempotencyStore } from '../src/adapters/memory/memory-idempotency-store.ts';
import { createMemoryObjectStore } from '../src/adapters/memory/memory-object-store.ts';
import { createMemoryPlaybackLinkStore } from '../src/adapters/memory/memory-playback-link-store.ts';
import { createMemoryPositionStore } from '../src/adapters/memory/memory-position-store.ts';
import { createMemoryRequestQueue } from '../src/adapters/memory/memory-request-queue.ts';
import { createMemoryRetiredObjectStore } from '../src/adapters/memory/memory-retired-object-store.ts';
import { createMemorySessionStore } from '../src/adapters/memory/memory-session-store.ts';
import { createMemorySettingStore } from '../src/adapters/memory/memory-setting-store.ts';
import { createMemoryStreamStore } from '../src/adapters/memory/memory-stream-store.ts';
import { createMemorySubscriptionStore } from '../src/adapters/memory/memory-subscription-store.ts';
import { createMemoryUserStore } from '../src/adapters/memory/memory-user-store.ts';
import { readSsml } from '../src/adapters/saxes/ssml-reader.ts';
import { createPieceCache } from '../src/audio/piece-cache.ts';
import { AppError } from '../src/domain/app-error.ts';
import type { Clock, NewId } from '../src/domain/clock.ts';
import type { Log } from '../src/domain/log.ts';
import type { MediaTool } from '../src/domain/media-tool.ts';
import type { SpeechDecoder } from '../src/domain/speech-sound.ts';
import type { SpeechWorkspaces } from '../src/domain/speech-workspace.ts';
import type { PasswordHasher } from '../src/domain/user.ts';
import { createPartPresence } from '../src/services/part-presence.ts';
import type { Policy, Ports } from '../src/services/ports.ts';
import { createActionRegistry } from '../src/services/actions/action-registry.ts';
import { announceChanges } from '../src/services/announced-queue.ts';
import { createRequestHub } from '../src/services/request-hub.ts';
import { createRecentIndexes } from '../src/services/recent-indexes.ts';
import { createRecentQueues } from '../src/services/recent-queues.ts';
import { createRecentTranscripts } from '../src/services/recent-transcripts.ts';
import { createSpeechTally } from '../src/services/speech-tally.ts';

/** Any port may be replaced; of the policy, any line of it. */
export type PortOverrides = Partial<Omit<Ports, 'policy'>> & { readonly policy?: Partial<Policy> };

/** A whole service in memory: nothing is written, nothing is hashed slowly, and there is no ffmpeg. */
export function createMemoryPorts(overrides: PortOverrides = {}): Ports {
  const clock: Clock = overrides.clock ?? Date.now;
  const newId: NewId = overrides.newId ?? (() => randomBytes(16).toString('base64url'));
  const objects = overrides.objects ?? createMemoryObjectStore();
  const hub = overrides.hub ?? createRequestHub();
  const queue = overrides.queue ?? createMemoryRequestQueue({ clock, newId });
  return {
    log: silentLog,
    random: () => 0.5,
    secret: new Uint8Array(32).fill(7),
    audioFiles: createMemoryAudioFileStore(),
    directUploads: createMemoryDirectUploads(objects, clock),
    presignGet: null,
    wholeObjects: null,
    pieces: createPieceCache(objects, { maxBytes: 8 * 1024 * 1024, pieceBytes: 256 * 1024 }),
    presence: createPartPresence(objects, clock),
    recentQueues: createRecentQueues(),
    recentIndexes: createRecentIndexes(),
    transcripts: createRecentTranscripts(objects, 8 * 1024 * 1024),
    folder: null,
    streams: createMemoryStreamStore(clock),
    streamStorage: { kind: 'memory', persistent: false },
    users: createMemoryUserStore(),
    hasher: plainHasher,
    sessions: createMemorySessionStore(clock),
    apiKeys: createMemoryApiKeyStore(clock),
    links: createMemoryPlaybackLinkStore(clock),
    positions: createMemoryPositionStore(),
    settings: createMemorySettingStore(),
    idempotency: createMemoryIdempotencyStore(clock),
    retired: createMemoryRetiredObjectStore(),
    connections: createMemoryConnectionStore(clock),
    subscriptions: createMemorySubscriptionStore(clock),
    localConnections: new Set(),
    instanceEndpoint: () => '',
    peers: { send: async (_endpoint, { connectionIds }) => connectionIds },
    hub,
    actions: createActionRegistry([]),
    wakeWorkers: () => undefined,
    mediaTool: absentMediaTool,
    tagReader: { read: async () => ({}) },
    speechDecoder: absentDecoder,
    speechWorkspaces: absentWorkspaces,
    speechTally: createSpeechTally(),
    speechToText: null,
    sttHint: '',
    textToSpeech: null,
    readSsml,
    ...overrides,
    clock,
    newId,
    objects,
    queue: announceChanges(queue, hub),
    policy: { ...POLICY, ...overrides.policy },
  };
}

const POLICY: Policy = {
  auth: 'on',
  playback: 'link',
  maxUploadBytes: 100 * 1024 * 1024,
  maxAudioHours: 24,
  loudnessTargetLufs: -16,
  sessionTtlMs: 30 * 24 * 3600 * 1000,
  speech: {
    trimPauses: false,
    concurrency: 2,
    cacheTtlMs: 30 * 24 * 3600 * 1000,
    transcribeOnUpload: false,
    debugUploads: 'off',
  },
  tempDir: tmpdir(),
  utcOffsetMinutes: () => 0,
};

const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** For tests only: the password stands in the hash. */
const plainHasher: PasswordHasher = {
  hash: async (password) => `plain:${password}`,
  verify: async (password, hash) => hash === `plain:${password}`,
};

const absent = async (): Promise<never> => {
  throw new AppError('tool_unavailable', 'There is no ffmpeg here.');
};

const absentDecoder: SpeechDecoder = { decodeSpeech: absent, cutSpeech: absent, speechBytes: () => 0 };

const absentWorkspaces: SpeechWorkspaces = {
  open: () => {
    throw new AppError('storage_unavailable', 'There are no workspaces here.');
  },
};

const absentMediaTool: MediaTool = {
  describe: absent,
  probe: absent,
  idleCores: () => 1,
  measureLoudness: absent,
  encode: absent,
};
