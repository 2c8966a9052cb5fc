import { reducePeaks } from '../audio/peaks.ts';
import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { getAudioFile, refuseWhileProcessing } from './audio-files.ts';
import type { Ports } from './ports.ts';

/** How loud a file is, stretch by stretch, for a picture of it. */
export interface FileWaveform {
  readonly filename: string;
  readonly durationMs: number;
  /** From 0 to 1, each the highest sample of its share of the duration; at most as many as were asked for. */
  readonly peaks: readonly number[];
  /** Strong, without its quotes. */
  readonly etag: string;
}

/**
 * @param points 1 or more
 * @throws invalid_input; not_found also when there are no peaks of the file; not_ready while there are none yet
 */
export async function getWaveform(
  ports: Pick<Ports, 'audioFiles' | 'objects'>,
  caller: Caller | null,
  filename: string,
  points: number,
): Promise<FileWaveform> {
  const file = await getAudioFile(ports, caller, filename);
  refuseWhileProcessing(file);
  const { waveformKey, part, durationMs } = file;
  const object = waveformKey === undefined ? null : await ports.objects.find(waveformKey);
  if (object === null || part === undefined) {
    throw new AppError('not_found', `There is no waveform of "${file.filename}".`);
  }
  // Half a megabyte at most.
  const peaks = await ports.objects.readRange(object.key, { start: 0, endExclusive: object.sizeBytes });
  return {
    filename: file.filename,
    durationMs,
    peaks: reducePeaks(peaks, points),
    etag: `waveform-1-${points}-${part.sha256}`,
  };
}
