/** A file that somebody put into the library's directory by hand, as large as before for five seconds. */
export interface DroppedFile {
  /** Its name in the directory. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Another one when the file is replaced or changed. */
  readonly version: string;
}

/**
 * The directory that reads like a library: a link under each file's name, and the place where files may be dropped.
 * Only the directory home has one; a bucket has none.
 */
export interface LibraryFolder {
  /** Makes `filename` show the object `key`. What is there under that name and is not ours is left alone.
   * @returns whether the name now shows the object. @throws not_found when there is no such object */
  publish(tenantId: string, filename: string, key: string): Promise<boolean>;
  /** Removes the link under `filename` if it is ours. Idempotent. */
  withdraw(tenantId: string, filename: string): Promise<void>;
  /** Files that were dropped (for the tenant `default`) and have been stable for five seconds. */
  listDropped(): Promise<DroppedFile[]>;
  /** Leaves the file out of `listDropped` until it is changed, or the process ends. */
  ignoreDropped(file: DroppedFile): void;
  /** Removes a dropped file if it is still the one that was listed. @returns whether it did */
  removeDropped(file: DroppedFile): Promise<boolean>;
}
