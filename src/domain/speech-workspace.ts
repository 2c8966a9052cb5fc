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
   * A path that nobody has, in a directory that only this process reads: `{kind}-{timestamp}-{uniqueId}.{extension}`.
   * Nothing is made there.
   */
  path(kind: 'input' | 'trimmed', extension: string): string;
  /** Removes all that has been made there. Idempotent; never throws. */
  clear(): Promise<ClearedFiles>;
}

/** Temporary storage for speech, of a bounded size. */
export interface SpeechWorkspaces {
  /**
   * @param neededBytes at most what the work is going to write
   * @throws insufficient_storage when the quota, or the disk, has no room for it now
   */
  open(neededBytes: number): Promise<Workspace>;
}
