import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { FIRST_TABLES } from './migrations/0001-first-tables.ts';
import { number, text, textOrNumber } from './row.ts';
import { openSqliteAudioFileStore } from './sqlite-audio-file-store.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'earshot-'));
  path = join(directory, 'earshot.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

const withRaw = (use: (raw: DatabaseSync) => void): void => {
  const raw = new DatabaseSync(path);
  use(raw);
  raw.close();
};
const unavailable = (message: RegExp) =>
  expect.objectContaining({
    code: 'storage_unavailable',
    message: expect.stringMatching(message) as string,
  }) as Error;

describe('openDatabase', () => {
  it('makes a file that only its owner reads, and opens it again', () => {
    const db = openDatabase(path);
    db.prepare("INSERT INTO settings (key, value) VALUES ('a', '1')").run();
    db.check();
    db.close();
    expect(statSync(path).mode & 0o077).toBe(0);
    const again = openDatabase(path);
    expect(text(again.prepare('SELECT value FROM settings').get(), 'value')).toBe('1');
    again.close();
  });

  it('brings a database of the first version up to date, with its records', async () => {
    withRaw((raw) => {
      raw.exec(FIRST_TABLES);
      raw.exec('PRAGMA application_id = 0x45617273; PRAGMA user_version = 1');
      raw.exec(`INSERT INTO audio_files (tenant_id, filename, revision, original_filename, title, description,
        tags_json, state, duration_ms, original_size_bytes, original_sha256, created_by, transcript_status,
        has_transcript, created_at_ms, updated_at_ms)
        VALUES ('default', 'old.mp3', 3, 'old.wav', 'Old', '', '[]', 'ready', 1000, 1, 'abc', '1', 'disabled', 0, 5, 6)`);
    });
    const db = openDatabase(path);
    const store = openSqliteAudioFileStore(db);
    const old = await store.find('default', 'old.mp3');
    expect(old).toMatchObject({ title: 'Old', revision: 3, createdAtMs: 5 });
    expect([old?.artist, old?.album, old?.coverKey, old?.waveformKey]).toEqual(Array(4).fill(undefined));
    expect(await store.findChapters('default', ['old.mp3'])).toEqual(new Map());
    expect((await store.search('default', 'old', 1))[0]?.file.filename).toBe('old.mp3');
    if (old === null) throw new Error('The record is gone.');
    const chapters = [{ title: 'One', startMs: 0 }];
    await store.save({ ...old, artist: 'Somebody', coverKey: 'covers/1.jpg' }, 3, { chapters });
    expect(await store.find('default', 'old.mp3')).toMatchObject({ artist: 'Somebody', revision: 4 });
    expect(await store.findChapters('default', ['old.mp3'])).toEqual(new Map([['old.mp3', chapters]]));
    db.close();
  });

  it('makes transcripts of what was carried along of them', async () => {
    openDatabase(path).close();
    withRaw((raw) => {
      // As it was before: without the columns and the table.
      raw.exec('DROP TABLE audio_file_transcript_words; DROP INDEX audio_files_by_transcript_key');
      for (const column of ['key', 'text', 'excerpt', 'language', 'error', 'request_id']) {
        raw.exec(`ALTER TABLE audio_files DROP COLUMN transcript_${column}`);
      }
      raw.exec('ALTER TABLE audio_files DROP COLUMN transcribed_at_ms; PRAGMA user_version = 7');
      const insert =
        raw.prepare(`INSERT INTO audio_files (id, tenant_id, filename, revision, original_filename,
        title, description, tags_json, state, duration_ms, original_size_bytes, original_sha256, created_by,
        transcript_status, has_transcript, created_at_ms, updated_at_ms)
        VALUES (?, 'default', ?, 1, '', 'Title', '', '[]', 'ready', 0, 0, '', '', 'completed', 1, 5, 6)`);
      const carry = raw.prepare('INSERT INTO audio_file_attributes VALUES (?, ?)');
      const carried = [
        { transcript: 'Once upon', transcribed_at: '2024-01-01T00:00:00', transcript_error: null },
        { transcript_key: 'transcripts/ab.txt', transcript_excerpt: 'Es war', yoto_card: 7 },
        { yoto_card: 8 },
      ];
      for (const [place, attributes] of carried.entries()) {
        insert.run(place + 1, `${place + 1}.mp3`);
        carry.run(place + 1, JSON.stringify(attributes));
      }
    });
    const db = openDatabase(path);
    const store = openSqliteAudioFileStore(db);
    expect(await store.find('default', '1.mp3')).toMatchObject({
      transcriptText: 'Once upon',
      transcribedAtMs: Date.UTC(2024, 0, 1),
    });
    expect(await store.find('default', '2.mp3')).toMatchObject({
      transcriptKey: 'transcripts/ab.txt',
      transcriptExcerpt: 'Es war',
    });
    expect((await store.search('default', 'title upon', 10)).map(({ file }) => file.filename)).toEqual([
      '1.mp3',
    ]);
    expect(await store.search('default', 'war', 10)).toHaveLength(1);
    expect(await store.isObjectReferenced('transcripts/ab.txt')).toBe(true);
    const left = db.prepare('SELECT file_id, attributes_json FROM audio_file_attributes').all();
    expect(left.map(({ cells }) => cells)).toEqual([
      [2, '{"yoto_card":7}'],
      [3, '{"yoto_card":8}'],
    ]);
    db.close();
  });

  it('writes ahead, syncs each commit and holds foreign keys', () => {
    const db = openDatabase(path);
    const pragma = (name: string): unknown => textOrNumber(db.prepare(`PRAGMA ${name}`).get(), name);
    expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys')]).toEqual(['wal', 2, 1]);
    db.close();
  });

  it('leaves nothing beside the file once it is closed', () => {
    const db = openDatabase(path);
    db.prepare("INSERT INTO settings (key, value) VALUES ('a', '1')").run();
    const other = openDatabase(path);
    db.close();
    db.close();
    expect(statSync(`${path}-wal`).size).toBe(0);
    other.close();
    expect(() => statSync(`${path}-wal`)).toThrow(/ENOENT/);
    expect(() => db.check()).toThrow(unavailable(/closed/));
  });

  it('refuses a database of a newer version, and leaves it as it is', () => {
    openDatabase(path).close();
    withRaw((raw) => raw.exec('PRAGMA user_version = 99'));
    expect(() => openDatabase(path)).toThrow(unavailable(/version 99.*newer Earshot/));
    withRaw((raw) => expect(raw.prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 }));
  });

  it("refuses another program's database", () => {
    withRaw((raw) => raw.exec('CREATE TABLE users (id INTEGER)'));
    expect(() => openDatabase(path)).toThrow(unavailable(/another program/));
  });

  it('refuses what is no database, and a place where none can be', () => {
    writeFileSync(path, 'a text that is no database '.repeat(100));
    expect(() => openDatabase(path)).toThrow(unavailable(/not a database/));
    expect(() => openDatabase(join(directory, 'absent', 'earshot.db'))).toThrow(
      unavailable(/cannot be opened/),
    );
  });
});

describe('a transaction', () => {
  it('is whole or absent', () => {
    const db = openDatabase(path);
    const insert = db.prepare('INSERT INTO settings (key, value) VALUES (:key, :value)', 'Taken.');
    const count = db.prepare('SELECT count(*) AS settings FROM settings');
    const failing = (): void =>
      db.transaction(() => {
        insert.run({ key: 'a', value: '1' });
        insert.run({ key: 'a', value: '2' });
      });
    expect(failing).toThrow(expect.objectContaining({ code: 'already_exists', message: 'Taken.' }) as Error);
    expect(number(count.get(), 'settings')).toBe(0);
    db.transaction(() => insert.run({ key: 'a', value: '1' }));
    expect(number(count.get(), 'settings')).toBe(1);
    db.close();
  });

  it('says so when there is no space left, and goes on once there is', () => {
    const db = openDatabase(path);
    const insert = db.prepare('INSERT INTO settings (key, value) VALUES (:key, :value)');
    db.prepare('PRAGMA max_page_count = 1').get();
    const large = { key: 'large', value: 'x'.repeat(100_000) };
    const full = expect.objectContaining({ code: 'insufficient_storage' }) as Error;
    expect(() => insert.run(large)).toThrow(full);
    expect(() => db.transaction(() => insert.run(large))).toThrow(full);
    db.prepare('PRAGMA max_page_count = 100000').get();
    db.transaction(() => insert.run(large));
    db.close();
  });

  it('waits for another writer, and gives up in time', () => {
    const db = openDatabase(path);
    const other = openDatabase(path, { busyTimeoutMs: 10 });
    db.transaction(() => {
      expect(() => other.transaction(() => undefined)).toThrow(unavailable(/busy/));
      other.check();
    });
    other.transaction(() => undefined);
    db.close();
    other.close();
  });

  it('leaves a mistake of this program as it is', () => {
    const db = openDatabase(':memory:');
    const insert = db.prepare('INSERT INTO settings (key, value) VALUES (:key, :value)');
    expect(() => insert.run({ key: 'a', value: null })).toThrow(/NOT NULL/);
    expect(() => insert.run({ key: 'a', other: 'b' })).toThrow(/Unknown named parameter/);
    db.close();
  });
});
