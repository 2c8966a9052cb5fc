import { DatabaseSync } from 'node:sqlite';
import { OLD_HASH } from './old-items.ts';

type Cells = Readonly<Record<string, string | number | null>>;

/** A user as the predecessor's database has it. */
export const oldUserRow = (id: number, username: string, change: Cells = {}): Cells => ({
  id,
  username,
  email: null,
  hashed_password: OLD_HASH,
  is_active: 1,
  is_admin: 0,
  created_at: `2024-01-02 03:04:05.${String(id).padStart(6, '0')}`,
  updated_at: '2024-01-03 00:00:00.000000',
  yoto_access_token: null,
  yoto_refresh_token: null,
  yoto_token_expires_at: null,
  ...change,
});

export const oldFileRow = (id: number, filename: string, change: Cells = {}): Cells => ({
  id,
  filename,
  size: 12_345,
  duration: 61.5,
  transcript: null,
  transcript_status: 'pending',
  transcript_error: null,
  created_at: `2024-05-06 07:08:09.${String(id).padStart(6, '0')}`,
  updated_at: '2024-05-07 07:08:09',
  transcribed_at: null,
  ...change,
});

/** Tables with the columns of their first rows, as the predecessor's SQLAlchemy made them: of no strict types. */
export function makeOldLibraryFile(path: string, tables: Readonly<Record<string, readonly Cells[]>>): void {
  const db = new DatabaseSync(path);
  db.exec('BEGIN');
  for (const [table, rows] of Object.entries(tables)) {
    const columns = Object.keys(rows[0] ?? { id: 0 });
    db.exec(`CREATE TABLE ${table} (${columns.join(', ')})`);
    const insert = db.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`);
    for (const row of rows) insert.run(...columns.map((column) => row[column] ?? null));
  }
  db.exec('COMMIT');
  db.close();
}
