import { frameIndexKey, sha256OfPlayable, waveformKey } from '../domain/object-key.ts';
import type { Ports } from './ports.ts';

type SweepPorts = Pick<Ports, 'retired' | 'audioFiles' | 'objects' | 'clock' | 'log'>;

/** A run's share; what is left has its turn in the next. */
const MAX_OBJECTS = 200;

/**
 * Deletes the objects that were retired long enough ago and that no record names. One that a record names again, for
 * the same content has the same key, is not retired any more.
 *
 * @returns how many were deleted
 */
export async function sweepRetired(ports: SweepPorts): Promise<number> {
  let deleted = 0;
  for (const { key } of await ports.retired.listDue(ports.clock(), MAX_OBJECTS)) {
    if (!(await ports.audioFiles.isObjectReferenced(key))) {
      await ports.objects.delete(key);
      // The frame index and the peaks go with their part.
      const sha256 = sha256OfPlayable(key);
      if (sha256 !== null) {
        await ports.objects.delete(frameIndexKey(sha256));
        await ports.objects.delete(waveformKey(sha256));
      }
      deleted += 1;
    }
    await ports.retired.remove(key);
  }
  if (deleted > 0) ports.log.info({ deleted }, 'objects that no file needs any more are deleted');
  return deleted;
}
