/** What a file tells about itself beyond its sound. Files taken in before this have none of it. */
export const FILE_DETAILS = `
ALTER TABLE audio_files ADD COLUMN artist TEXT;
ALTER TABLE audio_files ADD COLUMN album TEXT;
ALTER TABLE audio_files ADD COLUMN cover_key TEXT;
ALTER TABLE audio_files ADD COLUMN waveform_key TEXT;
ALTER TABLE audio_files ADD COLUMN chapter_count INTEGER;
CREATE INDEX audio_files_by_cover_key ON audio_files (cover_key) WHERE cover_key IS NOT NULL;

-- Under the id of the file. In a table of their own, so that the rows which lists and players read stay small.
CREATE TABLE audio_file_chapters (
  file_id INTEGER PRIMARY KEY REFERENCES audio_files (id) ON DELETE CASCADE,
  chapters_json TEXT NOT NULL
) STRICT;
`;
