import type { DatabaseSync } from 'node:sqlite';
import { parseOldTranscript } from '../../../domain/old-transcript.ts';
import type { JsonValue } from '../../../domain/request.ts';
import { joinSpoken, toTerms } from '../audio-file-words.ts';

/**
 * Where transcripts are, and the words by which they are found. What an older program kept of them, and `migrate` or `move`
 * brought here, stood among the attributes that are only carried along.
 */
export function keepTranscripts(connection: DatabaseSync): void {
  connection.exec(`
ALTER TABLE audio_files ADD COLUMN transcript_key TEXT;
ALTER TABLE audio_files ADD COLUMN transcript_text TEXT;
ALTER TABLE audio_files ADD COLUMN transcript_excerpt TEXT;
ALTER TABLE audio_files ADD COLUMN transcript_language TEXT;
ALTER TABLE audio_files ADD COLUMN transcript_error TEXT;
ALTER TABLE audio_files ADD COLUMN transcript_request_id TEXT;
ALTER TABLE audio_files ADD COLUMN transcribed_at_ms INTEGER;
CREATE INDEX audio_files_by_transcript_key ON audio_files (transcript_key) WHERE transcript_key IS NOT NULL;

-- Under the id of the file: each word once, with spaces between. The terms of a file are made of its record and these.
CREATE TABLE audio_file_transcript_words (
  file_id INTEGER PRIMARY KEY REFERENCES audio_files (id) ON DELETE CASCADE,
  words TEXT NOT NULL
) STRICT;
`);
  const carried =
    connection.prepare(`SELECT id, tenant_id, title, filename, tags_json, description, attributes_json
    FROM audio_file_attributes JOIN audio_files ON id = file_id`);
  const update = connection.prepare(`UPDATE audio_files SET transcript_key = :key, transcript_text = :text,
    transcript_excerpt = :excerpt, transcript_error = :error, transcribed_at_ms = :at WHERE id = :id`);
  const keepRest = connection.prepare(
    'UPDATE audio_file_attributes SET attributes_json = :json WHERE file_id = :id',
  );
  const removeRest = connection.prepare('DELETE FROM audio_file_attributes WHERE file_id = :id');
  const saveWords = connection.prepare('INSERT INTO audio_file_transcript_words VALUES (:id, :words)');
  const saveTerms = connection.prepare(
    'INSERT OR REPLACE INTO audio_file_terms (rowid, terms) VALUES (:id, :terms)',
  );
  // All at once: a table is not read while it is written. There are as many as an older program's library had files.
  for (const row of carried.all()) {
    const id = Number(row['id']);
    const attributes = JSON.parse(String(row['attributes_json'])) as Record<string, JsonValue>;
    const { fields, words, rest } = parseOldTranscript(attributes);
    update.run({
      id,
      key: fields.transcriptKey ?? null,
      text: fields.transcriptText ?? null,
      excerpt: fields.transcriptExcerpt ?? null,
      error: fields.transcriptError ?? null,
      at: fields.transcribedAtMs ?? null,
    });
    if (Object.keys(rest).length === 0) removeRest.run({ id });
    else keepRest.run({ id, json: JSON.stringify(rest) });
    if (words.length === 0) continue;
    saveWords.run({ id, words: joinSpoken(words) });
    const file = {
      tenantId: String(row['tenant_id']),
      title: String(row['title']),
      filename: String(row['filename']),
      tags: JSON.parse(String(row['tags_json'])) as string[],
      description: String(row['description']),
    };
    saveTerms.run({ id, terms: toTerms(file, words) });
  }
}
