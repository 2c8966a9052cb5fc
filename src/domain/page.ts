/**
 * One page of a list. `next` is the place after the last item, in the adapter's own terms and readable as JSON;
 * it is absent at the end. The HTTP layer signs it, together with the sort and the filter, before a client sees it.
 */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: PageKey;
}

export type PageKey = readonly (string | number | null)[];

export interface PageRequest {
  /** 1 to 1000 items. */
  readonly limit: number;
  readonly after?: PageKey | undefined;
}
