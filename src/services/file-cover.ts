import { AppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import type { CoverType } from '../domain/cover.ts';
import { coverTypeOfKey } from '../domain/cover.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { getAudioFile, refuseWhileProcessing } from './audio-files.ts';
import type { Ports } from './ports.ts';

/** Cover art, as it lay in the file. */
export interface FileCover {
  readonly mediaType: CoverType;
  readonly sizeBytes: number;
  /** Strong, without its quotes. */
  readonly etag: string;
  read(range: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** @throws invalid_input; not_found also when the file has no cover; not_ready while that is not known */
export async function getCover(
  ports: Pick<Ports, 'audioFiles' | 'objects'>,
  caller: Caller | null,
  filename: string,
): Promise<FileCover> {
  return coverOf(ports, await getAudioFile(ports, caller, filename));
}

/** For use cases that have authorized their caller already. @throws as getCover */
export async function coverOf(ports: Pick<Ports, 'objects'>, file: AudioFile): Promise<FileCover> {
  refuseWhileProcessing(file);
  const { coverKey } = file;
  const mediaType = coverKey === undefined ? null : coverTypeOfKey(coverKey);
  const object = coverKey === undefined ? null : await ports.objects.find(coverKey);
  if (mediaType === null || object === null) {
    throw new AppError('not_found', `"${file.filename}" has no cover.`);
  }
  return {
    mediaType,
    sizeBytes: object.sizeBytes,
    etag: object.key.replace('covers/', 'cover-'),
    // Not through the cache of pieces, which is for what is listened to.
    read: (range, signal) => ports.objects.read(object.key, range, signal),
  };
}
