import * as sql from './audio-file-sql.ts';
import { joinSpoken, splitSpoken } from './audio-file-words.ts';
import type { Database } from './database.ts';
import { text } from './row.ts';

/** The words of transcripts, by the id of the file. Apart from the records: hardly any question needs them. */
export interface SpokenWords {
  find(id: number): readonly string[];
  /** Those that there are from now on: none for none. */
  save(id: number, words: readonly string[]): void;
}

export function openSpokenWords(db: Database): SpokenWords {
  const find = db.prepare(sql.FIND_SPOKEN);
  const save = db.prepare(sql.SAVE_SPOKEN);
  const remove = db.prepare(sql.DELETE_SPOKEN);
  return {
    find(id) {
      const row = find.get({ id });
      return row === undefined ? [] : splitSpoken(text(row, 'words'));
    },
    save(id, words) {
      if (words.length === 0) remove.run({ id });
      else save.run({ id, words: joinSpoken(words) });
    },
  };
}
