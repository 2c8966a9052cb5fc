import { AppError } from '../domain/app-error.ts';
import type { QueuedFile } from '../domain/audio-file.ts';
import { parseFilename } from '../domain/filename.ts';
import type { StreamDefinition } from '../domain/stream.ts';
import type { Ports } from './ports.ts';

/** What `AudioFileStore.findMany` takes at a time. */
const BATCH = 5000;

/** The files that there are among `filenames`, by name. One look-up for each 5,000 names. */
export async function findFiles(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  filenames: readonly string[],
): Promise<Map<string, QueuedFile>> {
  const found = new Map<string, QueuedFile>();
  for (let at = 0; at < filenames.length; at += BATCH) {
    for (const file of await ports.audioFiles.findMany(tenantId, filenames.slice(at, at + BATCH))) {
      found.set(file.filename, file);
    }
  }
  return found;
}

/** Names as the library has them. @throws {ValidationError} naming the first bad one: `files[3]` */
export const parseFilenames = (filenames: readonly string[]): string[] =>
  filenames.map((filename, index) => parseFilename(filename, `files[${index}]`));

/** @throws not_found that names each unknown file in `errors` and in `details.missing` */
export async function checkFilesKnown(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  filenames: readonly string[],
): Promise<void> {
  const found = await findFiles(ports, tenantId, filenames);
  const missing = [...new Set(filenames)].filter((filename) => !found.has(filename));
  if (missing.length === 0) return;
  const errors = filenames.flatMap((filename, index) =>
    found.has(filename) ? [] : [{ field: `files[${index}]`, message: `There is no file "${filename}".` }],
  );
  throw new AppError('not_found', `Not in the library: ${nameSome(missing)}.`, {
    errors,
    details: { missing },
  });
}

/** How long a queue plays: the files that are ready, each as often as it is queued. */
export const durationOf = (stream: StreamDefinition, files: ReadonlyMap<string, QueuedFile>): number =>
  stream.files.reduce((sumMs, filename) => sumMs + (files.get(filename)?.durationMs ?? 0), 0);

/** For a sentence: all names are in the error's details. */
export function nameSome(filenames: readonly string[]): string {
  const shown = filenames.slice(0, 10).map((filename) => `"${filename}"`);
  const more = filenames.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
