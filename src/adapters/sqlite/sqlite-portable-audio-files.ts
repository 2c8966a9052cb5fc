import { AppError } from '../../domain/app-error.ts';
import type { Chapter } from '../../domain/chapter.ts';
import type { PortableAudioFile } from '../../domain/portable-record.ts';
import { AUDIO_FILE_COLUMNS, fromAudioFileRow, toAudioFileRow } from './audio-file-row.ts';
import { openSpokenWords } from './audio-file-spoken.ts';
import * as sql from './audio-file-sql.ts';
import { splitSpoken, toTerms } from './audio-file-words.ts';
import { carriedOf } from './carried-attributes.ts';
import type { Database, Row } from './database.ts';
import { number, optionalText } from './row.ts';
import type { PortableTable } from './sqlite-portable-table.ts';

/** Files that came in one moment, of whom several may want one place; what comes after these goes to the end. */
const NEARBY = 16;

const SELECT = `SELECT audio_files.*, chapters_json, words, attributes_json FROM audio_files
  LEFT JOIN audio_file_chapters ON audio_file_chapters.file_id = id
  LEFT JOIN audio_file_transcript_words ON audio_file_transcript_words.file_id = id
  LEFT JOIN audio_file_attributes ON audio_file_attributes.file_id = id`;

/** The id of a row is the order in which files came. Their terms and chapters are written with them. */
export function openPortableAudioFiles(db: Database): PortableTable<'audio_file'> {
  const list = db.prepare(`${SELECT} WHERE id > :id ORDER BY id LIMIT :limit`);
  const find = db.prepare(`${SELECT} WHERE tenant_id = :tenant AND filename = :filename`);
  const findFree = db.prepare(
    `SELECT value FROM json_each(:nearby) WHERE value NOT IN (SELECT id FROM audio_files) LIMIT 1`,
  );
  const insert = db.prepare(
    `INSERT INTO audio_files (id, ${AUDIO_FILE_COLUMNS.join(', ')})
     VALUES (:id, ${AUDIO_FILE_COLUMNS.map((column) => `:${column}`).join(', ')}) RETURNING id`,
    'There is already a file of this name.',
  );
  const remove = db.prepare(sql.DELETE);
  const saveTerms = db.prepare(sql.SAVE_TERMS);
  const deleteTerms = db.prepare(sql.DELETE_TERMS);
  const spoken = openSpokenWords(db);
  const saveChapters = db.prepare(sql.SAVE_CHAPTERS);
  const saveAttributes = db.prepare(
    'INSERT INTO audio_file_attributes (file_id, attributes_json) VALUES (:id, :attributes_json)',
  );

  /** null for the end of all. */
  function freeId(arrival: number): number | null {
    if (!Number.isSafeInteger(arrival) || arrival < 1) return null;
    const nearby = Array.from({ length: NEARBY }, (_, place) => arrival + place);
    const free = findFree.get({ nearby: JSON.stringify(nearby) });
    return free === undefined ? null : number(free, 'value');
  }

  const findRow = ({ tenantId, filename }: PortableAudioFile): Row | undefined =>
    find.get({ tenant: tenantId, filename });

  return {
    kind: 'audio_file',

    list(after, limit) {
      const rows = list.all({ id: after?.['id'] ?? 0, limit });
      const values = rows.map(fromRow);
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { values, last: last === undefined ? null : { id: number(last, 'id') } };
    },

    find(value) {
      const row = findRow(value);
      return row === undefined ? null : fromRow(row);
    },

    insert(value) {
      const { carried, chapters, transcriptWords, arrival } = value;
      if (chapters.length !== (value.chapterCount ?? 0)) {
        throw new AppError('internal', 'A record does not have as many chapters as it says.');
      }
      const id = number(insert.get({ id: freeId(arrival), ...toAudioFileRow(value) }), 'id');
      saveTerms.run({ id, terms: toTerms(value, transcriptWords) });
      spoken.save(id, transcriptWords);
      if (chapters.length > 0) saveChapters.run({ id, chapters_json: JSON.stringify(chapters) });
      if (carried !== undefined) saveAttributes.run({ id, attributes_json: JSON.stringify(carried) });
    },

    remove(value) {
      const row = findRow(value);
      if (row === undefined) return;
      const id = number(row, 'id');
      remove.run({ id });
      deleteTerms.run({ id });
    },
  };
}

function fromRow(row: Row): PortableAudioFile {
  const chapters = optionalText(row, 'chapters_json');
  const words = optionalText(row, 'words');
  return {
    ...fromAudioFileRow(row),
    ...carriedOf(row),
    chapters: chapters === undefined ? [] : (JSON.parse(chapters) as Chapter[]),
    transcriptWords: words === undefined ? [] : splitSpoken(words),
    arrival: number(row, 'id'),
  };
}
