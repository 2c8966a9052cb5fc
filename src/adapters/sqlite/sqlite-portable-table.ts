import type { PortableKind, PortableValues } from '../../domain/portable-record.ts';
import type { Database, Parameters, Row } from './database.ts';

/** Records of one kind, to be read and written as they are, within a transaction of whoever calls. */
export interface PortableTable<Kind extends PortableKind> {
  readonly kind: Kind;
  /** In the order of their key, after the place of the last one. */
  list(after: Parameters | null, limit: number): { values: PortableValues[Kind][]; last: Parameters | null };
  /** The one that has one of the keys of `value`; any of them, when there are several. */
  find(value: PortableValues[Kind]): PortableValues[Kind] | null;
  /** Throws already_exists where a key is taken. */
  insert(value: PortableValues[Kind]): void;
  /** All that have one of the keys of `value`. */
  remove(value: PortableValues[Kind]): void;
}

export interface PortableTableOptions<Kind extends PortableKind> {
  readonly kind: Kind;
  readonly table: string;
  /** The columns that a row is found and sorted by, and the one beside them that is unique as well. */
  readonly key: readonly string[];
  readonly otherKey?: string | undefined;
  /** What is joined to a row that is read. */
  readonly join?: string | undefined;
  /** Of rows that are there at all; `:now` is the time. */
  readonly isAlive?: string | undefined;
  readonly clock: () => number;
  /** By the names of the columns. */
  readonly toRow: (value: PortableValues[Kind]) => Parameters;
  readonly fromRow: (row: Row) => PortableValues[Kind];
  /** What belongs to a row that has just been inserted. */
  readonly insertWith?: ((value: PortableValues[Kind]) => void) | undefined;
}

/** One table, whose rows are the records. */
export function openPortableTable<Kind extends PortableKind>(
  db: Database,
  options: PortableTableOptions<Kind>,
): PortableTable<Kind> {
  const { kind, table, key, otherKey, join = '', isAlive, clock, toRow, fromRow } = options;
  const columns = key.join(', ');
  const places = key.map((column) => `:${column}`).join(', ');
  const alive = isAlive === undefined ? 'TRUE' : isAlive;
  const isSame = key.map((column) => `${column} = :${column}`).join(' AND ');
  const hasKey = otherKey === undefined ? isSame : `${isSame} OR ${otherKey} = :${otherKey}`;
  const select = `SELECT * FROM ${table} ${join}`;
  const first = db.prepare(`${select} WHERE ${alive} ORDER BY ${columns} LIMIT :limit`);
  const next = db.prepare(
    `${select} WHERE ${alive} AND (${columns}) > (${places}) ORDER BY ${columns} LIMIT :limit`,
  );
  const find = db.prepare(`${select} WHERE ${hasKey} LIMIT 1`);
  const remove = db.prepare(`DELETE FROM ${table} WHERE ${hasKey}`);
  let insert: ReturnType<Database['prepare']> | undefined;

  const nowOf = (): Parameters => (isAlive === undefined ? {} : { now: clock() });
  const pick = (value: PortableValues[Kind], names: readonly string[]): Parameters => {
    const row = toRow(value);
    return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
  };
  const keys = otherKey === undefined ? key : [...key, otherKey];

  return {
    kind,

    list(after, limit) {
      const parameters = { ...nowOf(), limit };
      const rows = after === null ? first.all(parameters) : next.all({ ...parameters, ...after });
      const values = rows.map(fromRow);
      const last = values.at(-1);
      return { values, last: last === undefined || values.length < limit ? null : pick(last, key) };
    },

    find(value) {
      const row = find.get(pick(value, keys));
      return row === undefined ? null : fromRow(row);
    },

    insert(value) {
      const row = toRow(value);
      const names = Object.keys(row);
      insert ??= db.prepare(
        `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})`,
      );
      insert.run(row);
      options.insertWith?.(value);
    },

    remove(value) {
      remove.run(pick(value, keys));
    },
  };
}
