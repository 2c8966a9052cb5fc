/** A file that somebody put into the library's directory by hand, as large as before for five seconds. */
export interface DroppedFile {
  /** Its name in the directory. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * The directory that reads like a library: a link under each file's name, and the place where files may be dropped.
 * Only the directory home has one; a bucket has none.
 */
export interface LibraryFolder {
  /** Makes `filename` show the object `key`. What is there under that name and is not ours is left alone.
   * @returns whether the name now shows the object */
  publish(tenantId: string, filename: string, key: string): Promise<boolean>;
  /** Removes the link under `filename` if it is ours. Idempotent. */
  withdraw(tenantId: string, filename: string): Promise<void>;
  /** Files that were dropped (for the tenant `default`) and have been stable for five seconds. */
  listDropped(): Promise<DroppedFile[]>;
}
