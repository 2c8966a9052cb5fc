import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createArgon2Hasher } from '../adapters/argon2/argon2-hasher.ts';
import { createHttpPeerGateway } from '../adapters/peers/http-peer-gateway.ts';
import { openMediaTool } from '../adapters/ffmpeg/open-media-tool.ts';
import { openSpeechWorkspaces } from '../adapters/files/speech-workspaces.ts';
import { openTemporaryDirectory } from '../adapters/files/temporary-directory.ts';
import { readSsml } from '../adapters/saxes/ssml-reader.ts';
import { createTagReader } from '../adapters/tags/tag-reader.ts';
import { createPieceCache } from '../audio/piece-cache.ts';
import { isAppError } from '../domain/app-error.ts';
import type { Log } from '../domain/log.ts';
import type { MediaTool } from '../domain/media-tool.ts';
import type { SpeechDecoder } from '../domain/speech-sound.ts';
import { announceChanges } from '../services/announced-queue.ts';
import { signPeerMessage } from '../services/peer-signature.ts';
import type { Policy, Ports, SpeechPolicy } from '../services/ports.ts';
import { createRequestHub } from '../services/request-hub.ts';
import { createRecentQueues } from '../services/recent-queues.ts';
import { createRecentTranscripts } from '../services/recent-transcripts.ts';
import { createSpeechTally } from '../services/speech-tally.ts';
import { registerActions } from './actions.ts';
import type { Config } from './config.ts';
import { unusable } from './config-error.ts';
import { openObjectStorage } from './object-storage.ts';
import { openSpeechToText } from './open-speech-to-text.ts';
import { openTextToSpeech } from './open-text-to-speech.ts';
import { openRecordStorage } from './record-storage.ts';
import { ensureSigningSecret } from './signing-secret.ts';
import { openStreamStorage } from './stream-storage.ts';

const PIECE_BYTES = 256 * 1024;
/** What transcripts that are searched may take, beside the pieces of audio. */
const TRANSCRIPT_SHARE = 0.5;

/** All that the data lives in, SQLite and files or tables and a bucket, and workers inside this process. */
export interface EmbeddedHome {
  readonly ports: Ports;
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
export async function openEmbeddedHome(config: Config, log: Log): Promise<EmbeddedHome> {
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
  const workspaces = await openSpeechWorkspaces({
    systemTempDir: tmpdir(),
    fallbackDir: join(config.tempDir, 'speech'),
    maxBytes: config.speech.workspaceBytes,
    clock,
    log,
  });
  opened.defer(() => workspaces.close());
  const tool = await openConfiguredMediaTool(config, temporary.path, log);
  const heardBy = await openSpeechToText(config, log);
  let wake = () => {};
  let endpoint = '';
  const withoutActions: Omit<Ports, 'actions'> = {
    clock,
    newId,
    random: Math.random,
    log,
    policy: policyOf(config, temporary.path),
    secret,
    objects,
    directUploads,
    presignGet: config.presignedPlayback ? audio.presignGet : null,
    pieces: createPieceCache(objects, { maxBytes: config.cacheBytes, pieceBytes: PIECE_BYTES }),
    presence,
    recentQueues: createRecentQueues(),
    transcripts: createRecentTranscripts(objects, config.cacheBytes * TRANSCRIPT_SHARE),
    folder,
    streams: definitions.streams,
    streamStorage: definitions.state,
    ...records.records,
    queue: announceChanges(records.records.queue, hub),
    localConnections: new Set(),
    instanceEndpoint: () => endpoint,
    peers: createHttpPeerGateway({ sign: (body) => signPeerMessage(secret, body, clock()) }),
    hub,
    hasher: createArgon2Hasher(),
    wakeWorkers: () => wake(),
    mediaTool: tool,
    speechDecoder: tool,
    speechWorkspaces: workspaces,
    speechTally: createSpeechTally(),
    tagReader: createTagReader(),
    speechToText: heardBy.engine,
    sttHint: heardBy.hint,
    textToSpeech: await openTextToSpeech(config, log),
    readSsml,
  };
  const ports: Ports = { ...withoutActions, actions: registerActions(withoutActions) };
  const all = opened.move();
  return {
    ports,
    onWake: (listener) => (wake = listener),
    onListening: (address) => (endpoint = address),
    close: () => all.disposeAsync(),
  };
}

async function openConfiguredMediaTool(
  config: Config,
  tempDir: string,
  log: Log,
): Promise<MediaTool & SpeechDecoder> {
  const { ffmpegPath, searchPath, maxAudioHours } = config;
  try {
    return await openMediaTool({ ffmpegPath, searchPath, tempDir, maxAudioHours, log });
  } catch (error) {
    if (!isAppError(error, 'tool_unavailable')) throw error;
    throw unusable('FFMPEG_PATH', error.message);
  }
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
    utcOffsetMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
  };
}

function speechPolicyOf(config: Config['speech']): SpeechPolicy {
  const { language, trimPauses, concurrency, cacheTtlMs, transcribeOnUpload, debugUploads } = config;
  return { language, trimPauses, concurrency, cacheTtlMs, transcribeOnUpload, debugUploads };
}
