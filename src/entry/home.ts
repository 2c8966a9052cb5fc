import { randomBytes } from 'node:crypto';
import { createArgon2Hasher } from '../adapters/argon2/argon2-hasher.ts';
import { openTemporaryDirectory } from '../adapters/files/temporary-directory.ts';
import { createPieceCache } from '../audio/piece-cache.ts';
import type { ClientGateway } from '../domain/client-gateway.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { WorkStarter } from '../domain/work-starter.ts';
import { announceChanges } from '../services/announced-queue.ts';
import type { Policy, Ports, SpeechPolicy } from '../services/ports.ts';
import { createRequestHub } from '../services/request-hub.ts';
import { createRecentIndexes } from '../services/recent-indexes.ts';
import { createRecentQueues } from '../services/recent-queues.ts';
import { createRecentTranscripts } from '../services/recent-transcripts.ts';
import { createSpeechTally } from '../services/speech-tally.ts';
import { registerActions } from './actions.ts';
import type { Config } from './config.ts';
import { openObjectStorage } from './object-storage.ts';
import { createPeers, openClientGateway } from './peers.ts';
import { openRecordStorage } from './record-storage.ts';
import { ensureSigningSecret } from './signing-secret.ts';
import { openStreamStorage } from './stream-storage.ts';

const PIECE_BYTES = 256 * 1024;
/** Where each read is a request of its own, billed, with a delay before its first byte. */
const FUNCTION_PIECE_BYTES = 2 * 1024 * 1024;
/** What transcripts that are searched may take, beside the pieces of audio. */
const TRANSCRIPT_SHARE = 0.5;

/** What works on sound and speech. */
export type Engines = Pick<
  Ports,
  | 'mediaTool'
  | 'speechDecoder'
  | 'speechWorkspaces'
  | 'tagReader'
  | 'speechToText'
  | 'sttHint'
  | 'textToSpeech'
  | 'readSsml'
>;

export interface EngineOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Private to this process. */
  readonly tempDir: string;
  /** What holds something that is to be given back says so here. */
  readonly onClose: (close: () => Promise<void>) => void;
}

export type OpenEngines = (config: Config, options: EngineOptions) => Promise<Engines>;

/** All that the data lives in, SQLite and files or tables and a bucket. */
export interface Home {
  readonly ports: Ports;
  /** Clients whose WebSockets a gateway holds; null where none does. */
  readonly clientGateway: ClientGateway | null;
  /** null where workers look into the queue by themselves. */
  readonly workStarter: WorkStarter | null;
  /** Who starts workers in this process puts their `wake` here. */
  onWake(wake: () => void): void;
  /** Who listens in this process says here where the other instances reach it. */
  onListening(endpoint: string): void;
  close(): Promise<void>;
}

/**
 * Opens, and on a fresh machine makes, all that the data lives in.
 * @throws storage_unavailable when the records, the audio or the temporary directory cannot be used
 */
export async function openHome(config: Config, log: Log, openEngines: OpenEngines): Promise<Home> {
  const clock = Date.now;
  const newId = () => randomBytes(16).toString('base64url');
  await using opened = new AsyncDisposableStack();
  const records = await openRecordStorage(config, { clock, newId, log });
  opened.defer(() => records.close());
  const temporary = await openTemporaryDirectory({ parent: config.tempDir, clock });
  opened.defer(() => temporary.close());
  const audio = await openObjectStorage(config, temporary.path, clock, log);
  opened.defer(() => audio.close());
  const definitions = await openStreamStorage(config, records, log);
  opened.defer(() => definitions.close());
  const { objects, directUploads, presence, folder } = audio;
  const { settings } = records.records;
  const secret = await ensureSigningSecret(settings, config.jwtSecret);
  const hub = createRequestHub();
  const engines = await openEngines(config, {
    clock,
    log,
    tempDir: temporary.path,
    onClose: (close) => opened.defer(close),
  });
  const pieceBytes = config.isFunction ? FUNCTION_PIECE_BYTES : PIECE_BYTES;
  const policy = policyOf(config, temporary.path);
  const clientGateway = await openClientGateway(config);
  opened.defer(() => clientGateway?.close());
  let wake = () => {};
  let endpoint = '';
  const withoutActions: Omit<Ports, 'actions'> = {
    clock,
    newId,
    random: Math.random,
    log,
    policy,
    secret,
    objects,
    directUploads,
    presignGet: config.presignedPlayback ? audio.presignGet : null,
    wholeObjects: audio.wholeObjects,
    pieces: createPieceCache(objects, { maxBytes: config.cacheBytes, pieceBytes }),
    presence,
    recentQueues: createRecentQueues(),
    recentIndexes: createRecentIndexes(),
    transcripts: createRecentTranscripts(objects, config.cacheBytes * TRANSCRIPT_SHARE),
    folder,
    streams: definitions.streams,
    streamStorage: definitions.state,
    ...records.records,
    queue: announceChanges(records.records.queue, hub),
    localConnections: new Set(),
    instanceEndpoint: () => endpoint,
    peers: createPeers(
      { ...records.records, clock, log, policy, secret },
      config.websocketEndpoint,
      clientGateway,
    ),
    hub,
    hasher: createArgon2Hasher(),
    wakeWorkers: () => wake(),
    speechTally: createSpeechTally(),
    ...engines,
  };
  const ports: Ports = { ...withoutActions, actions: registerActions(withoutActions) };
  const all = opened.move();
  return {
    ports,
    clientGateway,
    workStarter: records.workStarter,
    onWake: (listener) => (wake = listener),
    onListening: (address) => (endpoint = address),
    close: () => all.disposeAsync(),
  };
}

function policyOf(config: Config, tempDir: string): Policy {
  return {
    auth: config.auth,
    playback: config.playback,
    maxUploadBytes: config.maxUploadBytes,
    maxAudioHours: config.maxAudioHours,
    loudnessTargetLufs: config.loudnessTargetLufs,
    sessionTtlMs: config.sessionTtlMs,
    speech: speechPolicyOf(config.speech),
    tempDir,
    responseLimits: config.responseLimits,
    looksIntoUploads: !config.isFunction,
    utcOffsetMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
  };
}

function speechPolicyOf(config: Config['speech']): SpeechPolicy {
  const { language, trimPauses, concurrency, cacheTtlMs, transcribeOnUpload, debugUploads } = config;
  return { language, trimPauses, concurrency, cacheTtlMs, transcribeOnUpload, debugUploads };
}
