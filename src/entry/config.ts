import { isIP } from 'node:net';
import { availableParallelism, homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { AWS_VARIABLES, readAudioBucket, readDynamoTables, readPresignedPlayback } from './aws-config.ts';
import type { AudioBucket, DynamoTables } from './aws-config.ts';
import { CLOUDFRONT_VARIABLES, readCloudFront, type CloudFront } from './cloudfront-config.ts';
import { ConfigError, unusable } from './config-error.ts';
import { FUNCTION_VARIABLES, readResponseLimits } from './function-config.ts';
import type { ResponseLimits } from '../services/ports.ts';
import { origin } from './origin.ts';
import { readSpeech, SPEECH_VARIABLES, type SpeechConfig } from './speech-config.ts';

/** What the environment says, checked. The variables are documented in docs/configuration.md. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Without a slash at the end; null: links carry the address that the request came to. */
  readonly publicUrl: string | null;
  /** Where the other instances on the same tables reach this one; null: where it listens. */
  readonly instanceUrl: string | null;
  readonly trustProxy: boolean | readonly string[];
  readonly corsOrigins: readonly string[];
  readonly auth: 'on' | 'off';
  readonly playback: 'link' | 'public';
  readonly adminPassword: string | undefined;
  readonly jwtSecret: string | undefined;
  readonly dataDir: string;
  readonly tempDir: string;
  readonly databasePath: string;
  readonly audioFilesDir: string;
  /** null: records live in SQLite at `databasePath`. */
  readonly dynamoTables: DynamoTables | null;
  /** null: audio lives in `audioFilesDir`. */
  readonly audioBucket: AudioBucket | null;
  /** Where API Gateway is told what its WebSocket clients are to hear; null: none holds any. */
  readonly websocketEndpoint: string | null;
  /** Where clients find that API; null: this server's own WebSockets. */
  readonly websocketUrl: string | null;
  /** What its metrics call this deployment. */
  readonly environment: string;
  /** Whether players of a file are sent to the bucket. */
  readonly presignedPlayback: boolean;
  /** Where players read objects of the bucket; null: in the bucket itself. */
  readonly cloudFront: CloudFront | null;
  readonly streamStorage: 'memory' | 'file' | 'sqlite' | 'dynamodb' | 's3';
  readonly streamStorageDir: { readonly path: string; readonly why: 'local' | 'Lambda' | 'named' };
  readonly ffmpegPath: string | undefined;
  readonly searchPath: string;
  readonly loudnessTargetLufs: number | null;
  readonly speech: SpeechConfig;
  readonly maxUploadBytes: number;
  readonly maxAudioHours: number;
  readonly cacheBytes: number;
  readonly workers: number;
  readonly sessionTtlMs: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly shutdownGraceMs: number;
  readonly requestTimeoutMs: number;
  readonly stallTimeoutMs: number;
  /** Whether this is a function, of which many start, each for a short time. */
  readonly isFunction: boolean;
  /** null: an answer may be as long as it likes. */
  readonly responseLimits: ResponseLimits | null;
}

const MIB = 1024 * 1024;

const number = (fallback: number, min: number, max: number) =>
  z.coerce.number(`a number from ${min} to ${max}`).min(min).max(max).default(fallback);

const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  PUBLIC_URL: origin.optional(),
  INSTANCE_URL: origin.optional(),
  TRUST_PROXY: z.string().default('false'),
  CORS_ORIGINS: z.string().default(''),
  AUTH: z.enum(['on', 'off']).default('on'),
  PLAYBACK: z.enum(['link', 'public']).default('link'),
  ADMIN_PASSWORD: z.string().min(8, 'at least 8 characters').optional(),
  JWT_SECRET: z.string().min(32, 'at least 32 characters').optional(),
  DATA_DIR: z.string().optional(),
  TEMP_DIR: z.string().optional(),
  DATABASE_URL: z.string().default('sqlite:///earshot.db'),
  AUDIO_FILES_DIR: z.string().optional(),
  STREAM_STORAGE: z.enum(['auto', 'memory', 'file', 'sqlite', 'dynamodb', 's3']).default('auto'),
  STREAM_STORAGE_DIR: z.string().optional(),
  AWS_LAMBDA_FUNCTION_NAME: z.string().optional(),
  ...FUNCTION_VARIABLES,
  ...AWS_VARIABLES,
  ...CLOUDFRONT_VARIABLES,
  ...SPEECH_VARIABLES,
  FFMPEG_PATH: z.string().optional(),
  PATH: z.string().default(''),
  LOUDNESS_LUFS: z
    .union([z.literal('off'), z.coerce.number().min(-40).max(-5)], 'a number from -40 to -5, or off')
    .default(-16),
  MAX_UPLOAD_MB: number(4096, 1, 1_000_000),
  MAX_AUDIO_HOURS: number(24, 0.01, 1000),
  CACHE_MB: number(64, 1, 65_536),
  WORKERS: z.coerce
    .number()
    .int()
    .min(0)
    .max(64)
    .default(() => Math.min(64, availableParallelism())),
  SESSION_DAYS: number(30, 0.01, 366),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SHUTDOWN_GRACE_S: number(10, 0, 600),
  REQUEST_TIMEOUT_S: number(60, 1, 3600),
  STALL_TIMEOUT_S: number(300, 1, 3600),
});

/**
 * @param environment `process.env`, or what stands for it in a test. An empty value counts as unset.
 * @param cwd what DATA_DIR is relative to
 * @throws {ConfigError} naming each variable that is wrong, never its value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, cwd: string): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(set);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The configuration cannot be used:\n${lines.join('\n')}`);
  }
  const env = parsed.data;
  const onLambda = env.AWS_LAMBDA_FUNCTION_NAME !== undefined;
  // Nothing else can be written there.
  const dataDir = resolve(cwd, expandHome(env.DATA_DIR ?? (onLambda ? '/tmp' : '.')));
  const inData = (path: string) => resolve(dataDir, expandHome(path));
  return {
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL ?? null,
    instanceUrl: env.INSTANCE_URL ?? null,
    trustProxy: parseTrustProxy(env.TRUST_PROXY),
    corsOrigins: parseOrigins(env.CORS_ORIGINS),
    auth: env.AUTH,
    playback: env.PLAYBACK,
    adminPassword: env.ADMIN_PASSWORD,
    jwtSecret: env.JWT_SECRET,
    dataDir,
    tempDir: env.TEMP_DIR === undefined ? join(dataDir, 'tmp') : inData(env.TEMP_DIR),
    databasePath: parseDatabaseUrl(env.DATABASE_URL, dataDir),
    audioFilesDir: inData(env.AUDIO_FILES_DIR ?? (onLambda ? '/tmp/audio_files' : 'audio_files')),
    dynamoTables: readDynamoTables(env),
    audioBucket: readAudioBucket(env),
    presignedPlayback: readPresignedPlayback(env),
    cloudFront: readCloudFront(env),
    websocketEndpoint: env.WEBSOCKET_ENDPOINT ?? null,
    websocketUrl: env.WEBSOCKET_URL ?? null,
    environment: env.ENVIRONMENT,
    streamStorage: readStreamStorage(env),
    streamStorageDir:
      env.STREAM_STORAGE_DIR !== undefined
        ? { path: inData(env.STREAM_STORAGE_DIR), why: 'named' }
        : onLambda
          ? { path: '/tmp/streams', why: 'Lambda' }
          : { path: inData('streams'), why: 'local' },
    ffmpegPath: env.FFMPEG_PATH,
    searchPath: env.PATH,
    loudnessTargetLufs: env.LOUDNESS_LUFS === 'off' ? null : env.LOUDNESS_LUFS,
    speech: readSpeech(env, env.SHERPA_MODEL_DIR === undefined ? undefined : inData(env.SHERPA_MODEL_DIR)),
    maxUploadBytes: env.MAX_UPLOAD_MB * MIB,
    maxAudioHours: env.MAX_AUDIO_HOURS,
    cacheBytes: env.CACHE_MB * MIB,
    workers: env.WORKERS,
    sessionTtlMs: env.SESSION_DAYS * 86_400_000,
    logLevel: env.LOG_LEVEL,
    shutdownGraceMs: env.SHUTDOWN_GRACE_S * 1000,
    requestTimeoutMs: env.REQUEST_TIMEOUT_S * 1000,
    stallTimeoutMs: env.STALL_TIMEOUT_S * 1000,
    isFunction: onLambda,
    responseLimits: readResponseLimits(env, onLambda),
  };
}

function readStreamStorage(env: z.output<typeof Environment>): Config['streamStorage'] {
  const { STREAM_STORAGE: storage, DYNAMODB_TABLE: table, S3_AUDIO_BUCKET: bucket } = env;
  if (storage === 'auto') return table === undefined ? 'file' : 'dynamodb';
  if (storage === 'dynamodb' && table === undefined) {
    throw unusable('STREAM_STORAGE', 'dynamodb needs DYNAMODB_TABLE');
  }
  if (storage === 's3' && bucket === undefined) {
    throw unusable('STREAM_STORAGE', 's3 needs S3_AUDIO_BUCKET');
  }
  return storage;
}

/** `sqlite:///relative.db` and `sqlite:////absolute.db`, as SQLAlchemy writes them. */
function parseDatabaseUrl(url: string, dataDir: string): string {
  const match = /^sqlite:\/\/\/(.+)$/.exec(url);
  if (match?.[1] === undefined) {
    throw unusable('DATABASE_URL', 'sqlite:///relative.db or sqlite:////absolute.db');
  }
  return isAbsolute(match[1]) ? match[1] : join(dataDir, match[1]);
}

/** `true`, `false`, or addresses and networks separated by commas. */
function parseTrustProxy(value: string): boolean | string[] {
  if (value === 'true' || value === 'false') return value === 'true';
  const parts = value.split(',').map((part) => part.trim());
  if (parts.every(isAddressOrNetwork)) return parts;
  throw unusable('TRUST_PROXY', 'true, false, or addresses and networks such as 10.0.0.0/8');
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
}

function parseOrigins(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const parsed = origin.safeParse(part);
      // A browser's Origin has no path: one that is named would match nothing.
      if (parsed.success && parsed.data === new URL(parsed.data).origin) return parsed.data;
      throw unusable('CORS_ORIGINS', 'origins such as https://radio.example, separated by commas');
    });
}

const expandHome = (path: string): string => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : path);

/** Whether a server bound to `host` can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
