import { createReadStream } from 'node:fs';
import { framesToMs } from '../../../audio/frame-pace.ts';
import { scanMp3 } from '../../../audio/mp3-scan.ts';
import type { Mp3Scan } from '../../../audio/mp3-scan.ts';
import { AppError } from '../../../domain/app-error.ts';
import type { MediaInfo } from '../../../domain/media-tool.ts';
import type { IngestPorts } from '../../ingest-job.ts';

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
  const info = await ports.mediaTool.probe(path, { signal });
  const scan = info.format.codec === 'mp3' ? await scanMp3(createReadStream(path, { signal })) : null;
  // The frames of an MP3 that fits are never decoded, so that they are counted here.
  const { maxAudioHours } = ports.policy;
  if (scan !== null && framesToMs(scan.frameCount, scan) > maxAudioHours * 3_600_000) {
    throw new AppError('too_large', `Audio may last at most ${maxAudioHours} hours.`);
  }
  return { info, scan };
}
