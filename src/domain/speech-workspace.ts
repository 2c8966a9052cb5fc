/** What was in a workspace when it was cleared. */
export interface ClearedFiles {
  readonly count: number;
  readonly bytes: number;
  /** Files that could not be removed; they are swept at the next start. */
  readonly failures: number;
}

/** The temporary files of one piece of work. */
export interface Workspace {
  /**
   * Keeps room for so much more than was reserved before.
   * @throws insufficient_storage when the quota, or the disk, has none now
   */
  reserve(bytes: number): Promise<void>;
  /**
   * A path that nobody has, in a directory that only this process reads: `{kind}-{timestamp}-{uniqueId}.{extension}`.
   * Nothing is made there.
   */
  path(kind: 'input' | 'trimmed', extension: string): string;
  /** Removes all that was made there, and gives back what was reserved. Idempotent; never throws. */
  clear(): Promise<ClearedFiles>;
}

/** Temporary storage for speech, of a bounded size. */
export interface SpeechWorkspaces {
  open(): Workspace;
}
