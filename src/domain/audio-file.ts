import type { Chapter } from './chapter.ts';
import type { Page, PageRequest } from './page.ts';

export type AudioFileState = 'processing' | 'ready' | 'failed';

export type TranscriptStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled' | 'disabled';

/** What a source was before it became playable. */
export interface AudioFormat {
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly bitrateKbps: number;
}

/**
 * The playable part of a file: an immutable MP3 in the object store, of the library's one profile, free of the bit
 * reservoir. It begins with an Info frame of `audioStartByte` bytes; the frames that streams join follow it.
 */
export interface PlayablePart {
  /** `playable/{sha256}.mp3` */
  readonly key: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly audioStartByte: number;
  /** Bytes of the frames after the Info frame: `sizeBytes - audioStartByte`. */
  readonly audioBytes: number;
  /** Frames after the Info frame. Duration = frames × 1152 / 44100 s in the default profile. */
  readonly frameCount: number;
  readonly samplesPerFrame: number;
  readonly sampleRateHz: number;
  /** Whether every frame has the same bit rate (the Info frame says `Info`, else `Xing`). */
  readonly constantBitrate: boolean;
  readonly bitrateKbps: number;
  readonly profileVersion: number;
  /** Steps of 1.5 dB that `global_gain` was moved by; 0 where the level was set while encoding. */
  readonly gainSteps: number;
  /** Highest sample, 1 = full scale. Absent when it was not measured. */
  readonly peak?: number | undefined;
}

/** A record of the library. Unique by (`tenantId`, `filename`). */
export interface AudioFile {
  readonly tenantId: string;
  readonly filename: string;
  /** Rises with every save; a save may ask for the one that it read. */
  readonly revision: number;
  readonly originalFilename: string;
  readonly title: string;
  readonly description: string;
  /** Given by people; not those of the file. */
  readonly tags: readonly string[];
  /** Artist and album as the tags of the file say, one line each. */
  readonly artist?: string | undefined;
  readonly album?: string | undefined;
  readonly state: AudioFileState;
  /** Why the state is `failed`, as a sentence for the user. */
  readonly error?: string | undefined;
  /** The request that brings, or brought, this file in. */
  readonly requestId?: string | undefined;
  /** Absent until the first ingest is done. */
  readonly part?: PlayablePart | undefined;
  /** Milliseconds, exact to the frame; 0 until ready. */
  readonly durationMs: number;
  readonly format?: AudioFormat | undefined;
  /** Integrated loudness of the playable part, EBU R128. Absent for silence. */
  readonly loudnessLufs?: number | undefined;
  readonly originalKey?: string | undefined;
  /** The object with the cover art of the file; its type is in the key (cover.ts). */
  readonly coverKey?: string | undefined;
  /** The object with the peaks of the playable part; absent in records of before there were any. */
  readonly waveformKey?: string | undefined;
  /** Absent for none. The store counts them when they are saved; what a caller puts here is ignored. */
  readonly chapterCount?: number | undefined;
  readonly originalSizeBytes: number;
  readonly originalSha256: string;
  readonly createdBy: string;
  readonly transcriptStatus: TranscriptStatus;
  readonly hasTranscript: boolean;
  /** The object that holds the transcript. */
  readonly transcriptKey?: string | undefined;
  /** A transcript without an object: a short one, which an older program wrote. */
  readonly transcriptText?: string | undefined;
  /** How the transcript begins: one line of at most 200 characters (longer ones are an older program's). */
  readonly transcriptExcerpt?: string | undefined;
  /** BCP 47. */
  readonly transcriptLanguage?: string | undefined;
  /** Why the status is `failed`, as a sentence for the user. */
  readonly transcriptError?: string | undefined;
  /** The request that transcribes, or did so last. */
  readonly transcriptRequestId?: string | undefined;
  readonly transcribedAtMs?: number | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What joining a part with others needs to know of it. */
export type JoinablePart = Omit<PlayablePart, 'profileVersion' | 'gainSteps' | 'peak'>;

/** What a queue needs to know of a file. A queue has thousands: the rest of a record would double the time it takes. */
export interface QueuedFile extends Pick<
  AudioFile,
  'filename' | 'title' | 'artist' | 'state' | 'durationMs' | 'coverKey' | 'chapterCount' | 'updatedAtMs'
> {
  readonly part?: JoinablePart | undefined;
}

export type AudioFileSort = 'name' | 'created' | 'duration';

export interface AudioFileQuery extends PageRequest {
  readonly sort: AudioFileSort;
  readonly state?: AudioFileState | undefined;
}

export interface FieldMatch {
  readonly field: string;
  /** At most 200 characters, with the words marked by `**`. */
  readonly snippet: string;
  /** Where it is said, in a transcript that knows. */
  readonly startMs?: number | undefined;
}

export interface AudioFileMatch {
  readonly file: AudioFile;
  /** Which fields matched; of a store, those of the record. */
  readonly matches: readonly FieldMatch[];
}

/** What is kept beside a record and written with it; what is absent stays as it is. */
export interface KeptBeside {
  /** Replace those of the file. */
  readonly chapters?: readonly Chapter[] | undefined;
  /** What a search finds the file by beside its own fields, as `transcriptWords` makes them; replace those of the file. */
  readonly transcriptWords?: readonly string[] | undefined;
}

/** Metadata of audio files. Every method is bounded to one tenant; none reads a whole table. */
export interface AudioFileStore {
  /** Another text once any record may have been changed, by whoever: what was read after a version was told is still so
   * for as long as the same is told again. Costs next to nothing. */
  version(): Promise<string>;
  find(tenantId: string, filename: string): Promise<AudioFile | null>;
  /** The files that there are among `filenames` (up to 5,000), in no particular order, and of each at least this. */
  findMany(tenantId: string, filenames: readonly string[]): Promise<QueuedFile[]>;
  /** A file that is not `failed` and whose upload had this SHA-256; the oldest when several have. */
  findByOriginalSha256(tenantId: string, sha256: string): Promise<AudioFile | null>;
  /** `name` ascending by code point; `created` newest first; `duration` longest first; ties by name. */
  list(tenantId: string, query: AudioFileQuery): Promise<Page<AudioFile>>;
  /** Best first, as `searchLevel` has it, and of one level those first that came last. Every word must match, as a
   * prefix, without regard to case or accents; what a word is says search-text.ts. With no word, no result. `limit` up
   * to 100. */
  search(tenantId: string, text: string, limit: number): Promise<AudioFileMatch[]>;
  /**
   * Stores a new record; its revision becomes 1.
   * @throws already_exists when (tenantId, filename) is taken
   */
  create(file: AudioFile): Promise<AudioFile>;
  /**
   * Replaces a record and raises its revision.
   * @param ifRevision the revision that must still be there
   * @param beside written in the same write
   * @throws not_found when it is gone; conflict when the revision is another
   */
  save(file: AudioFile, ifRevision: number, beside?: KeptBeside): Promise<AudioFile>;
  /** Their chapters, by file name, of those among `filenames` (up to 100) that have any. Apart from the records: a
   * file may have a thousand, and neither lists nor playing need them. */
  findChapters(tenantId: string, filenames: readonly string[]): Promise<Map<string, readonly Chapter[]>>;
  /** Idempotent. @returns the record that was there */
  delete(tenantId: string, filename: string): Promise<AudioFile | null>;
  /** Whether any record, of any tenant, names this object as its playable part, its original, its cover or its
   * transcript. */
  isObjectReferenced(key: string): Promise<boolean>;
}

/** A record that a store is about to write, with the count of the chapters that it has from then on: those given, or
 * those of the record that is there. */
export function withChapterCount(
  { chapterCount: _ignored, ...file }: AudioFile,
  from: readonly Chapter[] | AudioFile,
): AudioFile {
  const count = 'length' in from ? from.length : (from.chapterCount ?? 0);
  return count === 0 ? file : { ...file, chapterCount: count };
}

/** What a record says that has no transcript: to be spread over one that had. */
export const WITHOUT_TRANSCRIPT = {
  transcriptStatus: 'disabled',
  hasTranscript: false,
  transcriptKey: undefined,
  transcriptText: undefined,
  transcriptExcerpt: undefined,
  transcriptLanguage: undefined,
  transcriptError: undefined,
  transcriptRequestId: undefined,
  transcribedAtMs: undefined,
} as const satisfies Partial<AudioFile>;

/** The objects that a record names; they are kept for as long as one does. */
export const objectKeysOf = ({ part, originalKey, coverKey, transcriptKey }: AudioFile): string[] =>
  [part?.key, originalKey, coverKey, transcriptKey].filter((key) => key !== undefined);

/** Every field that a record must have, empty: of what a store makes of it, it can tell its names for them. */
export const BLANK_AUDIO_FILE: AudioFile = {
  tenantId: '',
  filename: '',
  revision: 0,
  originalFilename: '',
  title: '',
  description: '',
  tags: [],
  state: 'processing',
  durationMs: 0,
  originalSizeBytes: 0,
  originalSha256: '',
  createdBy: '',
  transcriptStatus: 'disabled',
  hasTranscript: false,
  createdAtMs: 0,
  updatedAtMs: 0,
};
