import { createHash } from 'node:crypto';
import { isValidationError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import { parseFilename } from '../domain/filename.ts';
import type { DroppedFile, LibraryFolder } from '../domain/library-folder.ts';
import { playableKey } from '../domain/object-key.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Ports } from './ports.ts';

type RemovalPorts = Pick<Ports, 'audioFiles' | 'objects' | 'log'>;

/** Removes the dropped file if the library verifiably holds the same bytes as an original. */
export async function giveWayTo(
  ports: RemovalPorts,
  folder: LibraryFolder,
  file: DroppedFile,
  sha256: string,
  record: AudioFile,
): Promise<void> {
  const { originalKey, filename, part } = record;
  if (originalKey === undefined || (await hashObject(ports, originalKey)) !== sha256) {
    leaveAlone(ports, folder, file, 'The library has the same content, but not as the original.');
    return;
  }
  await giveWay(ports, folder, file, `it is in the library as ${filename}`);
  if (part !== undefined) await folder.publish(DEFAULT_TENANT, filename, part.key);
}

/** Whether it is a playable part of the library, as a copy of the folder without its links makes dropped files of. */
export async function isShownAlready(ports: RemovalPorts, sha256: string): Promise<boolean> {
  const key = playableKey(sha256);
  if (!(await ports.audioFiles.isObjectReferenced(key))) return false;
  return (await hashObject(ports, key)) === sha256;
}

/** Removes the dropped file; the record that has its name, if any, can be seen in the folder again. */
export async function giveWay(
  ports: RemovalPorts,
  folder: LibraryFolder,
  file: DroppedFile,
  why: string,
): Promise<void> {
  if (!(await folder.removeDropped(file))) return;
  ports.log.info({ file: file.name }, `a dropped file is removed from the folder: ${why}`);
  const part = (await findNamesake(ports, file.name))?.part;
  if (part !== undefined) await folder.publish(DEFAULT_TENANT, file.name.normalize('NFC'), part.key);
}

async function findNamesake(ports: RemovalPorts, name: string): Promise<AudioFile | null> {
  try {
    return await ports.audioFiles.find(DEFAULT_TENANT, parseFilename(name));
  } catch (error) {
    if (isValidationError(error)) return null;
    throw error;
  }
}

export function leaveAlone(
  ports: RemovalPorts,
  folder: LibraryFolder,
  file: DroppedFile,
  reason: string,
): void {
  folder.ignoreDropped(file);
  ports.log.warn({ file: file.name, reason }, 'a dropped file is not taken in, and left where it is');
}

/** @returns null when there is no such object */
async function hashObject(ports: Pick<Ports, 'objects'>, key: string): Promise<string | null> {
  if ((await ports.objects.find(key)) === null) return null;
  const hash = createHash('sha256');
  for await (const chunk of ports.objects.read(key)) hash.update(chunk);
  return hash.digest('hex');
}
