import type { Loudness, MediaToolOptions } from '../../../domain/media-tool.ts';
import type { IngestPorts } from '../../ingest-job.ts';

/** How loud the whole of it is; null when the operator leaves loudness alone. @throws too_large, unsupported_media */
export async function measure(
  ports: Pick<IngestPorts, 'mediaTool' | 'policy'>,
  path: string,
  options: MediaToolOptions,
): Promise<Loudness | null> {
  if (ports.policy.loudnessTargetLufs === null) return null;
  return ports.mediaTool.measureLoudness(path, options);
}
