import type { TranscriptStatus } from './audio-file.ts';

/** A user of the predecessor's database, as far as it is there. */
export interface OldLibraryUser {
  /** Where it is, for a person: a row. */
  readonly place: string;
  readonly username: string | undefined;
  readonly email: string | undefined;
  readonly passwordHash: string | undefined;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly yotoAccessToken: string | undefined;
  readonly yotoRefreshToken: string | undefined;
  /** As it stands there. */
  readonly yotoTokenExpiresAt: string | undefined;
}

export interface OldLibraryFile {
  readonly place: string;
  readonly filename: string | undefined;
  readonly sizeBytes: number;
  readonly durationMs: number;
  readonly transcript: string | undefined;
  readonly transcriptStatus: TranscriptStatus;
  readonly transcriptError: string | undefined;
  /** As it stands there. */
  readonly transcribedAt: string | undefined;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
}

/** The predecessor's database. Only read. */
export interface OldLibrary {
  /** Row by row, by their ids. */
  users(): Iterable<OldLibraryUser>;
  files(): Iterable<OldLibraryFile>;
  /** Names of its settings; their values may be secret. */
  settingNames(): string[];
  close(): void;
}

const TRANSCRIPT_STATUSES: ReadonlySet<string> = new Set<TranscriptStatus>([
  'pending',
  'processing',
  'completed',
  'failed',
  'cancelled',
  'disabled',
]);

/** What the predecessor wrote: `error` means failed, and what is not known, that nobody transcribes it. */
export function parseOldTranscriptStatus(value: string | undefined): TranscriptStatus {
  if (value === 'error') return 'failed';
  return value !== undefined && TRANSCRIPT_STATUSES.has(value) ? (value as TranscriptStatus) : 'disabled';
}

/** Dates of the predecessor may lack the offset, and have a space for the `T`; they mean UTC then. */
export function parseOldDate(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const iso = value.trim().replace(' ', 'T');
  const hasTime = iso.includes('T');
  const ms = Date.parse(hasTime && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(ms) ? undefined : ms;
}
