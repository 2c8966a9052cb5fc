/** A record that an older program wrote: its home's stores find it by its name, with the revision 0, but list, search and
 * count it only once it has been saved. */
export interface OldRecord {
  readonly kind: 'user' | 'audio_file' | 'stream';
  /** What its store finds it by: of a user the name as its place spells it. */
  readonly name: string;
  /** Where it is, in the home's own terms. */
  readonly place: string;
}

export interface OldUser extends OldRecord {
  readonly kind: 'user';
  /** As typed. */
  readonly username: string;
  /** When it was last changed, as far as it says. */
  readonly changedAtMs: number;
  /** Whether the service wrote it, and not the script that filled the table once. */
  readonly isOfService: boolean;
  readonly hasKnownHash: boolean;
  /** Why it cannot be read, for a person. */
  readonly damage?: string | undefined;
}

/** A long transcript, which the object store has. */
export interface KeptElsewhere {
  readonly key: string;
  readonly excerpt: string;
}

/** What older programs left in a home. Only to upgrade it, and to know whether there is any: it reads all that the home
 * holds. */
export interface OldRecords {
  /** All that there are, in batches; damaged ones too, as far as they can be told to be old. */
  list(signal?: AbortSignal): AsyncIterable<readonly (OldRecord | OldUser)[]>;
  /** Whether there is any user among them; reads no further than the first. */
  hasUsers(): Promise<boolean>;
  /** Whether this program has saved a user of this name. */
  isNameSaved(username: string): Promise<boolean>;
  /** Of an audio file, where its record holds one. */
  readTranscript(file: OldRecord): Promise<string | null>;
  /**
   * Puts the key and the beginning of an audio file's transcript into its record, in its place.
   * @throws conflict when the record holds another by now
   */
  replaceTranscript(file: OldRecord, transcript: string, by: KeptElsewhere): Promise<void>;
  /**
   * Takes a user out of the way of another one of the same name, with all that it holds; nobody can log in as it any
   * more. Idempotent.
   * @returns where it is from now on
   * @throws conflict when it was changed in the meantime
   */
  setAside(user: OldUser): Promise<string>;
}

export const isOldUser = (record: OldRecord | OldUser): record is OldUser => record.kind === 'user';
