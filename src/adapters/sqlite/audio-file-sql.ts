import type { AudioFileSort } from '../../domain/audio-file.ts';
import { AUDIO_FILE_COLUMNS } from './audio-file-row.ts';
import { QUEUED_FILE_COLUMNS } from './queued-file-row.ts';

// What is asked of `audio_files`. A test looks at the plan of each: all go by an index, none sorts.

const COLUMNS = AUDIO_FILE_COLUMNS.join(', ');
const UPDATED = AUDIO_FILE_COLUMNS.filter((column) => column !== 'tenant_id' && column !== 'filename');

export const FIND = `SELECT id, ${COLUMNS} FROM audio_files WHERE tenant_id = :tenant AND filename = :filename`;

/** A name that is wanted twice is found twice. The order of the tables is that of the look-ups. */
export const FIND_MANY = `SELECT ${QUEUED_FILE_COLUMNS.join(', ')} FROM json_each(:filenames) AS wanted
  CROSS JOIN audio_files ON tenant_id = :tenant AND filename = wanted.value`;

export const FIND_BY_ORIGINAL = `SELECT ${COLUMNS} FROM audio_files
  WHERE tenant_id = :tenant AND original_sha256 = :sha256 AND state <> 'failed'
  ORDER BY created_at_ms, filename LIMIT 1`;

export const IS_REFERENCED = `SELECT 1 FROM audio_files WHERE playable_key = :key
  UNION ALL SELECT 1 FROM audio_files WHERE original_key = :key
  UNION ALL SELECT 1 FROM audio_files WHERE cover_key = :key
  UNION ALL SELECT 1 FROM audio_files WHERE transcript_key = :key LIMIT 1`;

export const INSERT = `INSERT INTO audio_files (${COLUMNS})
  VALUES (${AUDIO_FILE_COLUMNS.map((column) => `:${column}`).join(', ')}) RETURNING id`;

export const UPDATE = `UPDATE audio_files SET ${UPDATED.map((column) => `${column} = :${column}`).join(', ')}
  WHERE tenant_id = :tenant_id AND filename = :filename`;

/** Their chapters and the words of their transcripts go with them. */
export const DELETE = 'DELETE FROM audio_files WHERE id = :id';

export const FIND_CHAPTERS = `SELECT filename, chapters_json FROM audio_files
  JOIN audio_file_chapters ON file_id = id
  WHERE tenant_id = :tenant AND filename IN (SELECT value FROM json_each(:filenames))`;

export const SAVE_CHAPTERS = `INSERT OR REPLACE INTO audio_file_chapters (file_id, chapters_json)
  VALUES (:id, :chapters_json)`;

export const DELETE_CHAPTERS = 'DELETE FROM audio_file_chapters WHERE file_id = :id';

export const FIND_SPOKEN = 'SELECT words FROM audio_file_transcript_words WHERE file_id = :id';

export const SAVE_SPOKEN = `INSERT OR REPLACE INTO audio_file_transcript_words (file_id, words)
  VALUES (:id, :words)`;

export const DELETE_SPOKEN = 'DELETE FROM audio_file_transcript_words WHERE file_id = :id';

/** A page by `sort` after the place (`:number`, `:filename`); by name, after `:filename` alone. */
export function listSql(sort: AudioFileSort, byState: boolean): string {
  const state = byState ? 'AND state = :state' : '';
  const { order, place } = {
    name: { order: 'filename', place: ':filename' },
    created: { order: 'newest_first, filename', place: ':number, :filename' },
    duration: { order: 'longest_first, filename', place: ':number, :filename' },
  }[sort];
  return `SELECT ${COLUMNS}, newest_first, longest_first FROM audio_files
    WHERE tenant_id = :tenant ${state} AND (${order}) > (${place}) ORDER BY ${order} LIMIT :limit`;
}

/** The newest files of which the terms match: FTS5 lists a term by id, and here from its end. */
export const FIND_HITS = `SELECT rowid AS id FROM audio_file_terms WHERE audio_file_terms MATCH :expression
  ORDER BY rowid DESC LIMIT :limit`;

export const FIND_BY_IDS = `SELECT id, ${COLUMNS} FROM audio_files WHERE id IN (SELECT value FROM json_each(:ids))`;

export const SAVE_TERMS = 'INSERT OR REPLACE INTO audio_file_terms (rowid, terms) VALUES (:id, :terms)';

export const DELETE_TERMS = 'DELETE FROM audio_file_terms WHERE rowid = :id';
