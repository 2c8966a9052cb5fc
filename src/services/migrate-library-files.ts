import type { AudioFileStore } from '../domain/audio-file.ts';
import type { Clock } from '../domain/clock.ts';
import { parseFilename } from '../domain/filename.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import { parseOldDate, type OldLibrary, type OldLibraryFile } from '../domain/old-library.ts';
import type { PortableAudioFile, PortableRecords } from '../domain/portable-record.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { transcriptWords } from '../domain/transcript-words.ts';
import { keepTranscript } from './kept-transcript.ts';
import type { MigratedCounts } from './migrate-library-users.ts';
import { unlessRefused, type MigrationReport } from './migrate-report.ts';

export interface LibraryFilePorts {
  readonly records: Pick<PortableRecords, 'compare' | 'save'>;
  readonly audioFiles: Pick<AudioFileStore, 'find'>;
  /** null for a dry run. */
  readonly objects: Pick<ObjectStore, 'write'> | null;
  readonly clock: Clock;
}

const ARRIVALS_A_MS = 1000;
/** Their transcripts are held together. */
const FILES_AT_ONCE = 25;

/**
 * Takes over the records of the predecessor's database, without their audio, which comes by itself: the record is there
 * first, so that it keeps its date and its transcript, which is searched from then on. A long one goes to the object store, its
 * beginning and its key to the record.
 */
export async function migrateLibraryFiles(
  ports: LibraryFilePorts,
  library: Pick<OldLibrary, 'files'>,
  report: MigrationReport,
  isDryRun: boolean,
): Promise<MigratedCounts> {
  const counts = { created: 0, there: 0 };
  let batch = new Map<string, { readonly title: string; readonly value: PortableAudioFile }>();

  async function flush(): Promise<void> {
    const coming = [...batch.values()];
    batch = new Map();
    const records = coming.map(({ value }) => ({ kind: 'audio_file', value }) as const);
    const comparisons = await (isDryRun ? ports.records.compare(records) : ports.records.save(records));
    for (const [place, { title, value }] of coming.entries()) {
      const comparison = comparisons[place];
      if (comparison === 'absent') counts.created += 1;
      else if (comparison === 'same' || (await isTakenOver(ports, value))) counts.there += 1;
      else report.failure(`${title}: there is another file of this name; its record was left as it is`);
      report.progress(title);
    }
  }

  for (const old of library.files()) {
    const title = old.filename === undefined ? old.place : `audio file ${old.filename} (${old.place})`;
    await unlessRefused(report, title, async () => {
      const value = await portableFile(ports, old);
      // One name in other letters of Unicode, twice: the first is there by the time of the second.
      if (batch.has(value.filename)) await flush();
      batch.set(value.filename, { title, value });
    });
    if (batch.size === FILES_AT_ONCE) await flush();
  }
  if (batch.size > 0) await flush();
  return counts;
}

/** A record has changed since it was taken over, but not when it was created. */
async function isTakenOver({ audioFiles }: LibraryFilePorts, value: PortableAudioFile): Promise<boolean> {
  const there = await audioFiles.find(DEFAULT_TENANT, value.filename);
  return there?.createdAtMs === value.createdAtMs;
}

/** @throws {ValidationError} for a name that none can have */
async function portableFile(ports: LibraryFilePorts, old: OldLibraryFile): Promise<PortableAudioFile> {
  const filename = parseFilename(old.filename ?? '');
  const createdAtMs = old.createdAtMs ?? old.updatedAtMs ?? 0;
  const transcript = await transcriptOf(ports, old);
  return {
    tenantId: DEFAULT_TENANT,
    filename,
    revision: 1,
    originalFilename: filename,
    title: '',
    description: '',
    tags: [],
    state: 'ready',
    durationMs: old.durationMs,
    originalSizeBytes: old.sizeBytes,
    originalSha256: '',
    createdBy: '',
    transcriptStatus: old.transcriptStatus,
    hasTranscript: old.transcript !== undefined,
    createdAtMs,
    updatedAtMs: old.updatedAtMs ?? createdAtMs,
    chapters: [],
    arrival: Math.max(1, createdAtMs * ARRIVALS_A_MS),
    ...transcript,
  };
}

type KeptOfTranscript = Pick<
  PortableAudioFile,
  | 'transcriptKey'
  | 'transcriptText'
  | 'transcriptExcerpt'
  | 'transcriptError'
  | 'transcribedAtMs'
  | 'transcriptWords'
>;

async function transcriptOf(
  { objects }: LibraryFilePorts,
  { transcript, transcriptError, transcribedAt }: OldLibraryFile,
): Promise<KeptOfTranscript> {
  return {
    ...(transcript !== undefined && (await keepTranscript(objects, transcript))),
    transcriptError,
    transcribedAtMs: parseOldDate(transcribedAt),
    transcriptWords: transcriptWords([transcript ?? '']),
  };
}
