import type { PieceCache } from '../audio/piece-cache.ts';
import type { AudioFileStore } from '../domain/audio-file.ts';
import type { Clock, NewId } from '../domain/clock.ts';
import type { ConnectionStore } from '../domain/connection.ts';
import type { ApiKeyStore, PlaybackLinkStore, SessionStore } from '../domain/credentials.ts';
import type { DirectUploads } from '../domain/direct-upload.ts';
import type { IdempotencyStore } from '../domain/idempotency.ts';
import type { LibraryFolder } from '../domain/library-folder.ts';
import type { Log } from '../domain/log.ts';
import type { MediaTool, TagReader } from '../domain/media-tool.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import type { PeerGateway } from '../domain/peer-gateway.ts';
import type { PositionStore } from '../domain/position.ts';
import type { PresignGet } from '../domain/presigned-get.ts';
import type { RequestQueue } from '../domain/request.ts';
import type { RetiredObjectStore } from '../domain/retired-object.ts';
import type { SettingStore } from '../domain/setting.ts';
import type { SpeechDecoder } from '../domain/speech-sound.ts';
import type { SpeechToText } from '../domain/speech-to-text.ts';
import type { SpeechWorkspaces } from '../domain/speech-workspace.ts';
import type { ReadSsml } from '../domain/ssml.ts';
import type { StreamStore } from '../domain/stream.ts';
import type { SubscriptionStore } from '../domain/subscription.ts';
import type { TextToSpeech } from '../domain/text-to-speech.ts';
import type { PasswordHasher, UserStore } from '../domain/user.ts';
import type { WholeObjects } from '../domain/whole-object.ts';
import type { ActionRegistry } from './actions/action-registry.ts';
import type { ExpectedStreams } from './expected-streams.ts';
import type { PartPresence } from './part-presence.ts';
import type { RecentIndexes } from './recent-indexes.ts';
import type { RecentQueues } from './recent-queues.ts';
import type { RecentTranscripts } from './recent-transcripts.ts';
import type { RequestHub } from './request-hub.ts';
import type { SpeechTally } from './speech-tally.ts';

/** Where stream definitions live, as `GET /api/streams/queues` and `/ready` tell it. */
export interface StreamStorageState {
  readonly kind: 'memory' | 'file' | 'sqlite' | 'dynamodb' | 's3';
  readonly persistent: boolean;
  /** Why it is not persistent although it was meant to be. No path in it. */
  readonly detail?: string | undefined;
}

/** What the operator decided about speech. */
export interface SpeechPolicy {
  /** BCP 47, where a request names none. */
  readonly language?: string | undefined;
  readonly trimPauses: boolean;
  /** Transcriptions at once in this process. */
  readonly concurrency: number;
  /** 0: what was heard is not cached. */
  readonly cacheTtlMs: number;
  readonly transcribeOnUpload: boolean;
  readonly debugUploads: 'off' | 'on-error' | 'always';
}

/** What one answer can be where the platform bounds it. */
export interface ResponseLimits {
  /** Of a body. What is longer is read from the object store. */
  readonly maxBytes: number;
  /** Of what is longer, so much is gathered in the store while its listener waits; beyond, a worker does it. */
  readonly makeAtOnceBytes: number;
  /** How long a body may be on its way. */
  readonly maxMs: number;
}

/** What the operator decided. Made from the environment in entry/, and nowhere else. */
export interface Policy {
  /** `off`: every caller is an administrator of the tenant `default`. */
  readonly auth: 'on' | 'off';
  /** `public`: playback routes ask for no token. */
  readonly playback: 'link' | 'public';
  readonly maxUploadBytes: number;
  readonly maxAudioHours: number;
  /** null: loudness is left as it is. */
  readonly loudnessTargetLufs: number | null;
  readonly sessionTtlMs: number;
  readonly speech: SpeechPolicy;
  /** On the same file system as the audio, so that a rename is atomic; private to this process. */
  readonly tempDir: string;
  /** null, and the default: an answer may be as long as it likes. */
  readonly responseLimits?: ResponseLimits | null | undefined;
  /** Default true. Without it, whether an upload is audio is found out where it is taken in. */
  readonly looksIntoUploads?: boolean | undefined;
  /** Minutes that local time is ahead of UTC at a moment: the shuffle's day turns at 04:00 server time. */
  readonly utcOffsetMinutes: (atMs: number) => number;
}

/**
 * All that use cases need from outside. A use case takes only its share, `Pick<Ports, 'streams' | 'clock'>`, so that
 * its signature says what it may touch.
 */
export interface Ports {
  readonly clock: Clock;
  readonly newId: NewId;
  /** From 0 to 1, for what needs to be spread out, not secret. */
  readonly random: () => number;
  readonly log: Log;
  readonly policy: Policy;
  /** At least 32 bytes. Signs links and cursors, seeds the shuffle. */
  readonly secret: Uint8Array;
  readonly audioFiles: AudioFileStore;
  readonly objects: ObjectStore;
  readonly directUploads: DirectUploads;
  /** Where players are sent for a file; null: the program plays it itself. */
  readonly presignGet: PresignGet | null;
  /** Where players are sent for more than one answer may have; null where the store gives out no addresses. */
  readonly wholeObjects: WholeObjects | null;
  readonly pieces: PieceCache;
  readonly presence: PartPresence;
  readonly recentQueues: RecentQueues;
  readonly recentIndexes: RecentIndexes;
  readonly transcripts: RecentTranscripts;
  /** null where the home has no directory to look into. */
  readonly folder: LibraryFolder | null;
  readonly streams: StreamStore;
  /** Where a process answers one request at a time (expected-streams.ts). */
  readonly expectStream?: ExpectedStreams['expect'] | undefined;
  readonly streamStorage: StreamStorageState;
  readonly users: UserStore;
  readonly hasher: PasswordHasher;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly links: PlaybackLinkStore;
  readonly positions: PositionStore;
  readonly settings: SettingStore;
  readonly idempotency: IdempotencyStore;
  readonly retired: RetiredObjectStore;
  readonly queue: RequestQueue;
  readonly connections: ConnectionStore;
  readonly subscriptions: SubscriptionStore;
  /** The ids of those connections that end in this process. */
  readonly localConnections: Set<string>;
  /** Where the other instances reach this one; empty as long as nothing listens. */
  readonly instanceEndpoint: () => string;
  readonly peers: PeerGateway;
  /** What becomes of requests, as this process learns of it. */
  readonly hub: RequestHub;
  readonly actions: ActionRegistry;
  /** Tells the workers inside this process that there is something to do; nothing where there are none. */
  readonly wakeWorkers: () => void;
  readonly mediaTool: MediaTool;
  readonly tagReader: TagReader;
  readonly speechDecoder: SpeechDecoder;
  readonly speechWorkspaces: SpeechWorkspaces;
  readonly speechTally: SpeechTally;
  /** null where there is none: transcripts are `disabled`. */
  readonly speechToText: SpeechToText | null;
  /** The line that gets an engine that hears; empty where there is one, or none is wanted. */
  readonly sttHint: string;
  /** null where there is none. */
  readonly textToSpeech: TextToSpeech | null;
  readonly readSsml: ReadSsml;
}
