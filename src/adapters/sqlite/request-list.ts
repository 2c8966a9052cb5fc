import { ValidationError } from '../../domain/app-error.ts';
import type { Page, PageRequest } from '../../domain/page.ts';
import type { AsyncRequest, RequestFilter } from '../../domain/request.ts';
import type { Database, Statement } from './database.ts';
import { toPage } from './page-place.ts';
import { fromRequestRow } from './request-row.ts';

/** The first of these that a filter names is looked up in its index; the others are asked of the rows found there. */
const COLUMNS = {
  connectionId: 'connection_id',
  userId: 'user_id',
  status: 'status',
  tenantId: 'tenant_id',
  action: 'action',
} as const;
const FIELDS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

/** Lists requests, the newest first. */
export function openRequestList(
  db: Database,
): (filter: RequestFilter, page: PageRequest) => Page<AsyncRequest> {
  /** By the columns that they ask for; there are 2^5 of these. */
  const statements = new Map<string, Statement>();

  function statementFor(columns: readonly string[]): Statement {
    const key = columns.join(' ');
    const known = statements.get(key);
    if (known !== undefined) return known;
    // A plus sign keeps SQLite from the index of a column: it may take one that finds more.
    const conditions = columns.map((column, place) => `${place === 0 ? '' : '+'}${column} = :${column}`);
    const where = [...conditions, 'arrival < :before'].join(' AND ');
    const statement = db.prepare(`SELECT * FROM requests WHERE ${where} ORDER BY arrival DESC LIMIT :limit`);
    statements.set(key, statement);
    return statement;
  }

  return (filter, { limit, after }) => {
    const asked = FIELDS.flatMap((field) => {
      const value = filter[field];
      return value === undefined ? [] : [[COLUMNS[field], value] as const];
    });
    const statement = statementFor(asked.map(([column]) => column));
    const before = after === undefined ? Number.MAX_SAFE_INTEGER : after[0];
    if (typeof before !== 'number') throw new ValidationError('cursor', 'This cursor is not of this list.');
    const rows = statement.all({ ...Object.fromEntries(asked), before, limit: limit + 1 });
    return toPage(rows, limit, ['arrival'], fromRequestRow);
  };
}
