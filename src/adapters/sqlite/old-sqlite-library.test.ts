import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOldLibraryFile, oldFileRow, oldUserRow } from '../../../test/old-library-file.ts';
import { OLD_HASH } from '../../../test/old-items.ts';
import { openDatabase } from './database.ts';
import { openOldSqliteLibrary } from './old-sqlite-library.ts';

describe('the database of the predecessor', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'earshot-old-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('is read row by row, dates without an offset as UTC', () => {
    const path = join(directory, 'full.db');
    makeOldLibraryFile(path, {
      users: [
        oldUserRow(1, 'Anna', { is_admin: 1, yoto_access_token: 'access', email: 'a@example.org' }),
        oldUserRow(2, 'ben', { is_active: 0, created_at: '2024-01-02T03:04:05+02:00', updated_at: null }),
      ],
      audio_files: [
        oldFileRow(1, 'one.mp3', { transcript: 'Once', transcript_status: 'error', transcript_error: 'No.' }),
        oldFileRow(2, 'two.mp3', { duration: null, transcript_status: 'odd' }),
      ],
      settings: [{ id: 1, key: 'client_id', value: 'x' }],
    });
    const library = openOldSqliteLibrary(path);
    expect([...library.users()]).toEqual([
      {
        place: 'users, row 1',
        username: 'Anna',
        email: 'a@example.org',
        passwordHash: OLD_HASH,
        isActive: true,
        isAdmin: true,
        createdAtMs: Date.UTC(2024, 0, 2, 3, 4, 5),
        updatedAtMs: Date.UTC(2024, 0, 3),
        yotoAccessToken: 'access',
        yotoRefreshToken: undefined,
        yotoTokenExpiresAt: undefined,
      },
      expect.objectContaining({
        isActive: false,
        isAdmin: false,
        createdAtMs: Date.UTC(2024, 0, 2, 1, 4, 5),
        updatedAtMs: undefined,
      }),
    ]);
    expect([...library.files()]).toEqual([
      expect.objectContaining({
        filename: 'one.mp3',
        sizeBytes: 12_345,
        durationMs: 61_500,
        transcript: 'Once',
        transcriptStatus: 'failed',
        transcriptError: 'No.',
      }),
      expect.objectContaining({ durationMs: 0, transcriptStatus: 'disabled' }),
    ]);
    expect(library.settingNames()).toEqual(['client_id']);
    library.close();
  });

  it('may lack columns and tables', () => {
    const path = join(directory, 'bare.db');
    makeOldLibraryFile(path, { users: [{ username: 'anna', hashed_password: OLD_HASH }] });
    const library = openOldSqliteLibrary(path);
    expect([...library.users()]).toMatchObject([
      { username: 'anna', isActive: true, isAdmin: false, createdAtMs: undefined },
    ]);
    expect([...library.files()]).toEqual([]);
    expect(library.settingNames()).toEqual([]);
    library.close();
  });

  it('is told from other files', async () => {
    const text = join(directory, 'text.db');
    await writeFile(text, 'no database, but long enough to be looked at as if it were one '.repeat(40));
    expect(() => openOldSqliteLibrary(text)).toThrow('is no SQLite database');
    expect(() => openOldSqliteLibrary(join(directory, 'nowhere.db'))).toThrow('cannot be opened');
    const own = join(directory, 'own.db');
    openDatabase(own).close();
    expect(() => openOldSqliteLibrary(own)).toThrow('no database of the predecessor');
    makeOldLibraryFile(join(directory, 'other.db'), { things: [{ id: 1 }] });
    expect(() => openOldSqliteLibrary(join(directory, 'other.db'))).toThrow('no database of the predecessor');
  });
});
