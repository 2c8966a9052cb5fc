import { createHmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import type { RequestFailure } from '../domain/request.ts';
import { systemCode } from './local-file-error.ts';
import type { Ports } from './ports.ts';

/*
 * What a transcription worked on, kept for a week where the operator wants it: for whoever asked for it, and for
 * administrators.
 */

export const DEBUG_PREFIX = 'debug/';
export const KEEP_DEBUG_MS = 7 * 24 * 3_600_000;
const LINK_MS = 15 * 60_000;

export interface DebugFile {
  readonly kind: 'input' | 'output';
  readonly path: string;
  readonly extension: string;
}

export interface DebugRun {
  readonly userId: string;
  readonly requestId: string;
  /** Of a run that failed. */
  readonly errorType?: string | undefined;
}

/**
 * Keeps the files of a run that are still there. What cannot be kept is said in the log: it must not make a run fail, or
 * fail with another error than its own.
 * @returns their keys
 */
export async function keepDebugFiles(
  ports: Pick<Ports, 'objects' | 'clock' | 'log'>,
  { userId, requestId, errorType }: DebugRun,
  files: readonly DebugFile[],
): Promise<string[]> {
  const timestamp = new Date(ports.clock()).toISOString().replace(/[-:.]/g, '');
  const folder = `${DEBUG_PREFIX}${asSegment(userId)}`;
  const keys: string[] = [];
  for (const [index, { kind, path, extension }] of files.entries()) {
    const number = files.slice(0, index).filter((file) => file.kind === kind).length;
    const what = errorType === undefined ? `debug-${kind}` : `error-${kind}`;
    const part = number === 0 ? '' : `-${number + 1}`;
    const key = `${folder}/${what}-${timestamp}-${asSegment(errorType ?? requestId)}${part}.${extension}`;
    try {
      await ports.objects.write(key, createReadStream(path));
      keys.push(key);
    } catch (error) {
      if (isGone(error)) continue;
      ports.log.warn({ key, error }, 'a debug artefact could not be kept');
    }
  }
  return keys;
}

export interface ShownDebugFiles {
  readonly error_type: string;
  readonly user_id: string;
  readonly debug_files: { name: string; url: string }[];
}

/** For whoever may see the request: its debug files, at addresses that hold for 15 minutes. null without any. */
export function showDebugFiles(
  ports: Pick<Ports, 'secret' | 'clock'>,
  { details }: Pick<RequestFailure, 'details'>,
): ShownDebugFiles | null {
  const { error_type: errorType, user_id: userId, debug_keys: keys } = details ?? {};
  if (!Array.isArray(keys) || typeof errorType !== 'string' || typeof userId !== 'string') return null;
  const expiresAtMs = ports.clock() + LINK_MS;
  const files = keys.filter((key): key is string => typeof key === 'string');
  return {
    error_type: errorType,
    user_id: userId,
    debug_files: files.map((key) => {
      const name = key.slice(key.lastIndexOf('/') + 1);
      const signature = signatureOf(ports.secret, key, expiresAtMs);
      return { name, url: `/api/${key}?expires=${expiresAtMs}&signature=${signature}` };
    }),
  };
}

export interface OpenDebugFile {
  readonly sizeBytes: number;
  /** Strong, without its quotes. */
  readonly etag: string;
  read(range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** The file at a signed address. @throws not_found for any address that was not made here, or has expired */
export async function openDebugFile(
  { secret, clock, objects }: Pick<Ports, 'secret' | 'clock' | 'objects'>,
  folder: string,
  name: string,
  expiresAtMs: number,
  signature: string,
): Promise<OpenDebugFile> {
  const key = `${DEBUG_PREFIX}${folder}/${name}`;
  const expected = Buffer.from(signatureOf(secret, key, expiresAtMs));
  const given = Buffer.from(signature);
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
  const found = isOurs && clock() < expiresAtMs ? await objects.find(key) : null;
  if (found === null) throw new AppError('not_found', 'There is no such file, or its address has expired.');
  const { sizeBytes, modifiedAtMs } = found;
  const read: OpenDebugFile['read'] = (range, signal) => objects.read(key, range, signal);
  return { sizeBytes, etag: `${modifiedAtMs}-${sizeBytes}`, read };
}

function signatureOf(secret: Uint8Array, key: string, expiresAtMs: number): string {
  const bound = JSON.stringify(['debug-file', key, expiresAtMs]);
  return createHmac('sha256', secret).update(bound).digest('base64url');
}

/** Ids may hold what a key may not, and two must not become one. */
const asSegment = (id: string): string =>
  /^[A-Za-z0-9_-]{1,100}$/.test(id) ? id : `x${Buffer.from(id).toString('hex').slice(0, 200)}`;

/** The run ended before it was written. */
const isGone = (error: unknown): boolean =>
  [error, error instanceof Error ? error.cause : undefined].some((each) => systemCode(each) === 'ENOENT');
