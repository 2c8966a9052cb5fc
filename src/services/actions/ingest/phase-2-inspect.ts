import { createReadStream } from 'node:fs';
import { framesToMs } from '../../../audio/frame-pace.ts';
import { scanMp3 } from '../../../audio/mp3-scan.ts';
import type { Mp3Scan } from '../../../audio/mp3-scan.ts';
import { fitsProfile } from '../../../audio/playable.ts';
import { AppError } from '../../../domain/app-error.ts';
import { DEFAULT_PROFILE } from '../../../domain/media-tool.ts';
import type { MediaInfo } from '../../../domain/media-tool.ts';
import type { IngestPorts } from '../../ingest-job.ts';

/** Of a file of frames, at a time. */
export const READ_BYTES = 262_144;

export interface Inspection {
  readonly info: MediaInfo;
  /** null when it is no MP3. */
  readonly scan: Mp3Scan | null;
}

/** What the file is. @throws unsupported_media when there is no audio in it; too_large */
export async function inspect(
  ports: Pick<IngestPorts, 'mediaTool' | 'policy'>,
  path: string,
  signal: AbortSignal,
): Promise<Inspection> {
  // What is no MP3 shows that within its first pieces.
  const found = await scanMp3(createReadStream(path, { signal, highWaterMark: READ_BYTES }));
  const told = found === null ? null : infoOfFrames(found);
  const info = told ?? (await ports.mediaTool.probe(path, { signal }));
  const scan = info.format.codec === 'mp3' ? found : null;
  // The frames of an MP3 that fits are never decoded, so that they are counted here.
  const { maxAudioHours } = ports.policy;
  if (scan !== null && framesToMs(scan.frameCount, scan) > maxAudioHours * 3_600_000) {
    throw new AppError('too_large', `Audio may last at most ${maxAudioHours} hours.`);
  }
  return { info, scan };
}

export const fits = (scan: Mp3Scan | null): scan is Mp3Scan =>
  scan !== null && fitsProfile(scan, DEFAULT_PROFILE);

/** Frames and tags from end to end, and nothing else: there is nothing that ffmpeg could add. Null for what else there is. */
function infoOfFrames(scan: Mp3Scan): MediaInfo | null {
  if (!fits(scan) || scan.span === null) return null;
  const { sampleRateHz, channels, bitrateKbps } = scan;
  return {
    format: { codec: 'mp3', sampleRateHz, channels, bitrateKbps },
    durationMs: Math.round(framesToMs(scan.frameCount, scan)),
  };
}
