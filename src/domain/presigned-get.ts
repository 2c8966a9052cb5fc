export interface PresignedGetOptions {
  /** At most 7 days, and in fact no longer than the credentials that sign. */
  readonly expiresInS: number;
  readonly contentType: string;
  /** The header that the answer carries, such as an attachment with a file name; without one, a browser plays it. */
  readonly contentDisposition?: string | undefined;
}

/**
 * Makes an address under which whoever has it may read an object, ranges included, straight from the object store.
 * Nothing is asked of the store: it may have no such object.
 *
 * @throws invalid_input; storage_unavailable
 */
export type PresignGet = (key: string, options: PresignedGetOptions) => Promise<string>;
