import type { Database, Statement } from './database.ts';
import { toChangedColumns, type RequestRow } from './request-row.ts';

/** Writes what has changed in a request. */
export function openRequestUpdate(db: Database): (before: RequestRow, after: RequestRow) => void {
  /** By the columns that they write: a few for each step that a request can take. */
  const statements = new Map<string, Statement>();

  function statementFor(columns: readonly string[]): Statement {
    const assignments = columns.map((column) => `${column} = :${column}`).join(', ');
    const known = statements.get(assignments);
    if (known !== undefined) return known;
    const statement = db.prepare(`UPDATE requests SET ${assignments} WHERE arrival = :arrival`);
    statements.set(assignments, statement);
    return statement;
  }

  return (before, after) => {
    const changed = toChangedColumns(before, after);
    const columns = Object.keys(changed);
    if (columns.length > 0) statementFor(columns).run({ ...changed, arrival: before.arrival });
  };
}
