import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../domain/app-error.ts';
import { openDatabase, type Database, type Row } from './database.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { text } from './row.ts';

describe('createGroupCommit', () => {
  let directory: string;
  let db: Database;
  let commits: GroupCommit;
  /** Of the transactions that were begun. */
  let begun: number;
  const openOther = () => openDatabase(join(directory, 'earshot.db'), { busyTimeoutMs: 50 });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'earshot-'));
    db = openOther();
    db.prepare('CREATE TABLE notes (key TEXT PRIMARY KEY)').run();
    begun = 0;
    commits = createGroupCommit({
      ...db,
      transaction: (work) => {
        begun += 1;
        return db.transaction(work);
      },
    });
  });
  afterEach(() => {
    db.close();
    rmSync(directory, { recursive: true });
  });

  const insert = (key: string): Promise<string> => commits.run(() => write(key));
  const write = (key: string): string => {
    db.prepare('INSERT INTO notes (key) VALUES (:key)', 'Taken.').run({ key });
    return key;
  };
  const keys = (from: Database = db): string[] =>
    from
      .prepare('SELECT key FROM notes ORDER BY rowid')
      .all()
      .map((row: Row) => text(row, 'key'));

  it('commits what is asked for in one turn once, in its order, before anybody hears of it', async () => {
    const seen: string[][] = [];
    const other = openOther();
    await Promise.all(
      ['k3', 'k1', 'k2'].map(async (key) => {
        await insert(key);
        seen.push(keys(other));
      }),
    );
    other.close();
    expect(seen).toEqual(Array.from({ length: 3 }, () => ['k3', 'k1', 'k2']));
    expect(begun).toBe(1);
    await insert('k4');
    expect(begun).toBe(2);
  });

  it('undoes what fails, and that alone', async () => {
    const outcomes = await Promise.allSettled([
      insert('k1'),
      insert('k1'),
      commits.run(() => {
        write('k2');
        throw new AppError('conflict', 'No.');
      }),
      insert('k3'),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: 'k1' },
      { status: 'rejected', reason: { code: 'already_exists', message: 'Taken.' } },
      { status: 'rejected', reason: { code: 'conflict' } },
      { status: 'fulfilled', value: 'k3' },
    ]);
    expect(keys()).toEqual(['k1', 'k3']);
  });

  it('writes nothing for anybody when the commit fails', async () => {
    // Deferred, so that it is the commit which fails.
    db.prepare('CREATE TABLE child (key TEXT REFERENCES notes (key) DEFERRABLE INITIALLY DEFERRED)').run();
    const orphan = commits.run(() => db.prepare("INSERT INTO child (key) VALUES ('nobody')").run());
    const outcomes = await Promise.allSettled([insert('k1'), orphan, insert('k2')]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { message: 'FOREIGN KEY constraint failed' },
      });
    }
    expect(keys()).toEqual([]);
    expect(await insert('k3')).toBe('k3');
  });

  it('refuses all while another process writes, and goes on afterwards', async () => {
    const other = openOther();
    other.prepare('BEGIN IMMEDIATE').run();
    const refused = await Promise.allSettled([insert('k3'), insert('k4')]);
    other.prepare('ROLLBACK').run();
    for (const outcome of refused) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
    }
    expect(await insert('k5')).toBe('k5');
    expect(keys(other)).toEqual(['k5']);
    other.close();
  });

  it('puts no more than five hundred into one transaction, and loses none', async () => {
    await Promise.all(Array.from({ length: 1201 }, (_, place) => insert(`k${place}`)));
    expect(begun).toBe(3);
    expect(keys()).toEqual(Array.from({ length: 1201 }, (_, place) => `k${place}`));
  });

  it('refuses what is asked for when the database is closed before the commit', async () => {
    const late = insert('k1');
    db.close();
    await expect(late).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
