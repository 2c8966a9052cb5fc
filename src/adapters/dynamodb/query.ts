import type { Condition, Value } from './expression.ts';

type Keys = Readonly<Record<string, Value>>;

/** Of the single table. */
export type IndexName = 'GSI1' | 'GSI2' | 'GSI3';

export interface QueryRequest<Index = IndexName> {
  readonly index?: Index | undefined;
  /** The value of the partition key. */
  readonly partition: string;
  /** On the sort key. */
  readonly sort?: Condition | undefined;
  /** Of what is read: items that do not pass cost as much as those that do. */
  readonly filter?: Condition | undefined;
  readonly descending?: boolean | undefined;
  readonly limit?: number | undefined;
  /** The place after which to go on: keys of the table, and of the index if there is one. */
  readonly after?: Keys | undefined;
  /** Of an index, reads are never consistent. */
  readonly consistent?: boolean | undefined;
  /** Only these attributes. */
  readonly fields?: readonly string[] | undefined;
}

export interface QueryPage {
  readonly items: readonly Record<string, Value>[];
  /** Absent at the end. */
  readonly last?: Keys | undefined;
}
