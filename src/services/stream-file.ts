import { AppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { MAX_CHAPTERS } from '../domain/chapter.ts';
import type { Chapter } from '../domain/chapter.ts';
import { parseFilename } from '../domain/filename.ts';
import { parseStreamName } from '../domain/stream.ts';
import type { StoredStream } from '../domain/stream.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Transcript } from '../domain/transcript.ts';
import { findChaptersOf } from './audio-chapters.ts';
import { getRecord } from './audio-files.ts';
import { authorizePlayback } from './authorize.ts';
import { coverOf } from './file-cover.ts';
import type { FileCover } from './file-cover.ts';
import { withTranscript } from './file-transcript.ts';
import { openFile } from './play-file.ts';
import type { FilePlayback, PlayFileOptions, PlayFilePorts } from './play-file.ts';
import type { Ports } from './ports.ts';
import { getStoredStream } from './stored-stream.ts';

type StreamPorts = Pick<Ports, 'streams' | 'policy'>;

/**
 * The stream, for whoever may hear it: a link to it opens the files of its queue as well, with all that belongs to them.
 * @throws unauthorized, forbidden; not_found; invalid_input
 */
export async function getHeardStream(
  ports: StreamPorts,
  caller: Caller | null,
  streamName: string,
): Promise<StoredStream> {
  const name = parseStreamName(streamName);
  const isPublic = ports.policy.playback === 'public';
  const tenantId = authorizePlayback(caller, { kind: 'stream', name }, isPublic, DEFAULT_TENANT);
  return getStoredStream(ports, tenantId, name);
}

/** @returns tenant and name, in the library, of a file of the queue. @throws as getHeardStream; not_found for any other file */
async function findQueued(
  ports: StreamPorts,
  caller: Caller | null,
  streamName: string,
  filename: string,
): Promise<{ tenantId: string; name: string }> {
  const { tenantId, files } = await getHeardStream(ports, caller, streamName);
  const name = parseFilename(filename);
  if (files.includes(name)) return { tenantId, name };
  throw new AppError('not_found', `There is no file "${name}" in this stream.`, {
    details: { filename: name },
  });
}

/** A file of the queue, for whoever may hear the stream. @throws as getHeardStream; not_found for any other file */
export async function getStreamFile(
  ports: StreamPorts & Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  streamName: string,
  filename: string,
): Promise<AudioFile> {
  const { tenantId, name } = await findQueued(ports, caller, streamName, filename);
  return getRecord(ports, tenantId, name);
}

/** Opens it for listening, as `playFile`. @throws as getStreamFile; as playFile */
export async function playStreamFile(
  ports: StreamPorts & PlayFilePorts,
  caller: Caller | null,
  streamName: string,
  filename: string,
  options: PlayFileOptions,
): Promise<FilePlayback> {
  const { tenantId, name } = await findQueued(ports, caller, streamName, filename);
  return openFile(ports, tenantId, name, options);
}

/** @throws as getStreamFile; not_found also when it has no cover */
export async function getStreamFileCover(
  ports: StreamPorts & Pick<Ports, 'audioFiles' | 'objects'>,
  caller: Caller | null,
  streamName: string,
  filename: string,
): Promise<FileCover> {
  return coverOf(ports, await getStreamFile(ports, caller, streamName, filename));
}

export interface StreamFileTranscript {
  readonly file: AudioFile;
  readonly transcript: Transcript;
}

/** @throws as getStreamFile; not_found also when nothing has been heard in it (yet) */
export async function getStreamFileTranscript(
  ports: StreamPorts & Pick<Ports, 'audioFiles' | 'objects'>,
  caller: Caller | null,
  streamName: string,
  filename: string,
): Promise<StreamFileTranscript> {
  const { file, transcript } = await withTranscript(
    ports,
    await getStreamFile(ports, caller, streamName, filename),
  );
  if (transcript !== null) return { file, transcript };
  throw new AppError('not_found', `There is no transcript of "${file.filename}".`);
}

/** @throws as getStreamFile; not_found also when it has none */
export async function getStreamFileChapters(
  ports: StreamPorts & Pick<Ports, 'audioFiles'>,
  caller: Caller | null,
  streamName: string,
  filename: string,
): Promise<readonly Chapter[]> {
  const file = await getStreamFile(ports, caller, streamName, filename);
  const found = await findChaptersOf(ports, file.tenantId, [file], MAX_CHAPTERS);
  const chapters = found.get(file.filename);
  if (chapters === undefined) throw new AppError('not_found', `"${file.filename}" has no chapters.`);
  return chapters;
}
