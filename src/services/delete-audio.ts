import { AppError } from '../domain/app-error.ts';
import { objectKeysOf } from '../domain/audio-file.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import { RETIRED_FOR_MS } from '../domain/retired-object.ts';
import { getRecord } from './audio-files.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

/** Names told of the streams that use a file. */
const MAX_NAMED_STREAMS = 100;

type DeletePorts = Pick<
  Ports,
  'audioFiles' | 'streams' | 'links' | 'positions' | 'folder' | 'objects' | 'retired' | 'clock' | 'log'
>;

/**
 * Deletes a file with its links and positions. Its playable part, its cover and its transcript stay for 24 hours; the original goes with
 * the last record that names it.
 *
 * @param force also when streams use it: they keep the name in their queue
 * @throws not_found; forbidden for another's file unless the caller administers; in_use with `streams` in its details
 */
export async function deleteAudio(
  ports: DeletePorts,
  caller: Caller | null,
  filename: string,
  force: boolean,
): Promise<void> {
  const { tenantId, userId } = authorize(caller, 'write');
  const file = await getRecord(ports, tenantId, parseFilename(filename));
  if (file.createdBy !== userId) authorize(caller, 'admin');
  if (!force) await refuseWhenUsed(ports, file);

  // Written down before the record goes: a crash in between leaves nothing that would never be swept. The sweep looks
  // again whether an object is named by a record.
  await retireObjects(ports, file);
  await ports.audioFiles.delete(tenantId, file.filename);
  const target = { kind: 'file', tenantId, name: file.filename } as const;
  await ports.links.deleteByTarget(target);
  await ports.positions.deleteByName(target);
  await ports.folder?.withdraw(tenantId, file.filename);
  await deleteOriginal(ports, file);
  ports.log.info({ filename: file.filename, tenantId, userId, force }, 'audio file deleted');
}

async function refuseWhenUsed(ports: Pick<Ports, 'streams'>, file: AudioFile): Promise<void> {
  const streams = await ports.streams.listUsing(file.tenantId, file.filename, MAX_NAMED_STREAMS);
  if (streams.length === 0) return;
  throw new AppError(
    'in_use',
    `"${file.filename}" is used by ${streams.map((name) => `"${name}"`).join(', ')}.`,
    {
      details: { streams },
    },
  );
}

async function retireObjects(ports: Pick<Ports, 'retired' | 'clock'>, file: AudioFile): Promise<void> {
  const nowMs = ports.clock();
  for (const key of objectKeysOf(file)) {
    if (key !== file.originalKey) await ports.retired.add({ key, sweepAtMs: nowMs + RETIRED_FOR_MS });
  }
  if (file.originalKey !== undefined) await ports.retired.add({ key: file.originalKey, sweepAtMs: nowMs });
}

/** Nobody listens to originals for hours: they go at once, as whoever deletes a recording expects. */
async function deleteOriginal(
  ports: Pick<Ports, 'audioFiles' | 'objects' | 'retired'>,
  file: AudioFile,
): Promise<void> {
  if (file.originalKey === undefined) return;
  if (!(await ports.audioFiles.isObjectReferenced(file.originalKey))) {
    await ports.objects.delete(file.originalKey);
  }
  await ports.retired.remove(file.originalKey);
}
