/** An audio file of an older deployment, where that one kept it. */
export interface OldAudioFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Another one whenever the content is another, as far as the place can tell: an ETag, or size and time. */
  readonly version: string;
}

/**
 * Where an older deployment kept its audio: a directory, or the root of a bucket. What is in directories below is none
 * of it. Every method may throw storage_unavailable.
 */
export interface OldAudio {
  /** Where it is, for a person, and to tell files of one name in two places from each other. */
  readonly place: string;
  /** By name. */
  list(signal?: AbortSignal): AsyncIterable<OldAudioFile>;
  find(name: string): Promise<OldAudioFile | null>;
  /** Copies just this version into the home's object store. @throws conflict when it is another by now; not_found */
  copyTo(file: OldAudioFile, key: string): Promise<void>;
  /** Whether it is what the home itself shows there: a link to this object of its store. */
  isLinkTo(file: OldAudioFile, key: string): Promise<boolean>;
  /** Idempotent. @throws conflict when it is another version by now */
  delete(file: OldAudioFile): Promise<void>;
}
