import { AppError } from '../domain/app-error.ts';
import { parseDescription, parseTitle } from '../domain/audio-details.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { filenameFor } from '../domain/filename.ts';
import { authorize } from './authorize.ts';
import { enqueueIngest, fileSource, type IngestOrder, type IngestSource } from './enqueue-ingest.ts';
import { originalFilename } from './original-filename.ts';
import type { Ports } from './ports.ts';
import type { ReceivedUpload } from './receive-upload.ts';
import { underFreeName } from './under-free-name.ts';

export const CONFLICT_RULES = ['refuse', 'rename', 'replace'] as const;
/** What to do when the name is taken. The latter two also ask for a copy of content that the library has already. */
export type ConflictRule = (typeof CONFLICT_RULES)[number];

/** What came with the bytes, as it came. */
export interface UploadDetails {
  /** The name that is asked for. */
  readonly filename?: string | undefined;
  /** The name that the sender's file had. */
  readonly sentFilename?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly onConflict: ConflictRule;
}

export type UploadOutcome =
  | { readonly kind: 'duplicate'; readonly file: AudioFile }
  | { readonly kind: 'accepted'; readonly requestId: string; readonly filename: string };

type UploadPorts = Pick<
  Ports,
  'audioFiles' | 'objects' | 'queue' | 'mediaTool' | 'newId' | 'clock' | 'wakeWorkers' | 'log' | 'policy'
>;

/** Between which sizes an upload is that has not come yet. */
export interface SizeBounds {
  readonly minBytes: number;
  readonly maxBytes: number;
}

/**
 * Refuses, before the bytes are read, what would be refused after: a bad field, or a taken name.
 *
 * @param size the same content again is no conflict, and before the hash only the size can tell that it is not;
 * without bounds, a taken name is found at the end
 * @throws invalid_input, already_exists, forbidden
 */
export async function checkUpload(
  ports: Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  details: UploadDetails,
  size?: SizeBounds,
): Promise<void> {
  const owner = authorize(caller, 'write');
  if (details.title !== undefined) parseTitle(details.title);
  if (details.description !== undefined) parseDescription(details.description);
  if (details.filename === undefined) return;
  const filename = filenameFor(details.filename);
  if (details.onConflict === 'rename') return;
  const taken = await findTaken(ports, owner, filename, details.onConflict);
  if (taken === null || size === undefined) return;
  const mayBeTheSame = size.minBytes <= taken.originalSizeBytes && taken.originalSizeBytes <= size.maxBytes;
  if (!mayBeTheSame) throw alreadyExists(filename);
}

/**
 * Takes a received upload into the library: looks whether it is audio, stores it, and asks for its ingest. The record
 * is there, `processing`, when this returns. Where it throws, nothing is left behind, or the ingest that was asked for
 * cleans up.
 *
 * @param sourceOf where the bytes are, when they are not to be taken from `path`; asked once for each name that is tried
 * @throws invalid_input; already_exists when the name is taken; unsupported_media when there is no audio in it;
 * forbidden to replace another's file, unless the caller administers
 */
export async function uploadAudio(
  ports: UploadPorts,
  caller: Caller | null,
  upload: Omit<ReceivedUpload, 'remove'>,
  details: UploadDetails,
  sourceOf?: () => IngestSource,
): Promise<UploadOutcome> {
  const owner = authorize(caller, 'write');
  const wanted = wantedFilename(details);
  const title = details.title === undefined ? '' : parseTitle(details.title);
  const description = details.description === undefined ? '' : parseDescription(details.description);
  if (details.onConflict === 'refuse') {
    const duplicate = await ports.audioFiles.findByOriginalSha256(owner.tenantId, upload.sha256);
    if (duplicate !== null && duplicate.state !== 'failed') return { kind: 'duplicate', file: duplicate };
  }
  if (details.onConflict !== 'rename') {
    const taken = await findTaken(ports, owner, wanted, details.onConflict);
    if (taken !== null) throw alreadyExists(wanted);
  }
  if (ports.policy.looksIntoUploads !== false) await ports.mediaTool.probe(upload.path);

  const enqueue = async (filename: string): Promise<UploadOutcome> => {
    const order: IngestOrder = {
      filename,
      original_filename: originalNameOf(details, wanted),
      original_sha256: upload.sha256,
      original_size: upload.sizeBytes,
      ...(title !== '' && { title }),
      ...(description !== '' && { description }),
      ...(details.onConflict === 'replace' && { replace: true }),
    };
    const source = sourceOf?.() ?? fileSource(ports, upload.path, details.onConflict === 'rename');
    const requestId = await enqueueIngest(ports, owner, source, order);
    return { kind: 'accepted', requestId, filename };
  };
  if (details.onConflict !== 'rename') return enqueue(wanted);
  return underFreeName(wanted, async (filename) => {
    if ((await ports.audioFiles.find(owner.tenantId, filename)) !== null) throw alreadyExists(filename);
    return enqueue(filename);
  });
}

/** The record that keeps an upload from this name; null when the name is free, or may be replaced. */
async function findTaken(
  ports: Pick<Ports, 'audioFiles'>,
  owner: Caller,
  filename: string,
  rule: ConflictRule,
): Promise<AudioFile | null> {
  const file = await ports.audioFiles.find(owner.tenantId, filename);
  if (file === null || file.state === 'failed') return null;
  if (rule !== 'replace') return file;
  // Replacing loses what was there, as deleting does: the same rule.
  if (file.createdBy !== owner.userId) authorize(owner, 'admin');
  return null;
}

function wantedFilename(details: UploadDetails): string {
  return filenameFor(details.filename ?? details.sentFilename ?? '');
}

const originalNameOf = (details: UploadDetails, wanted: string): string =>
  originalFilename(details.sentFilename ?? '') || originalFilename(details.filename ?? wanted);

const alreadyExists = (filename: string): AppError =>
  new AppError('already_exists', `There is a file "${filename}" already.`, { details: { filename } });
