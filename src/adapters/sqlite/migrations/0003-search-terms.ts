import type { DatabaseSync } from 'node:sqlite';
import { toTerms } from '../audio-file-words.ts';

/**
 * The full-text table anew: one list for each word of each field, that can be read from its end. Ranking by BM25, as it
 * was, counts every file that holds a word, at each search.
 */
export function indexSearchTerms(connection: DatabaseSync): void {
  connection.exec(`
DROP TABLE audio_file_words;

-- The terms of each file, under its id, as audio-file-words.ts has them; the texts themselves stay in audio_files. What
-- is typed is the beginning of a word: each length that is has a list of its own, up to what hardly two words share.
CREATE VIRTUAL TABLE audio_file_terms USING fts5 (
  terms, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '2 3 4 5 6 7 8 9 10'
);
`);
  const insert = connection.prepare('INSERT INTO audio_file_terms (rowid, terms) VALUES (?, ?)');
  const files = connection.prepare(
    'SELECT id, tenant_id, title, filename, tags_json, description FROM audio_files',
  );
  for (const row of files.iterate()) {
    const terms = toTerms({
      tenantId: String(row['tenant_id']),
      title: String(row['title']),
      filename: String(row['filename']),
      tags: JSON.parse(String(row['tags_json'])) as string[],
      description: String(row['description']),
    });
    insert.run(Number(row['id']), terms);
  }
}
