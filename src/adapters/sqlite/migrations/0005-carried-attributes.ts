/** What an older program kept with a record in DynamoDB, under names of its own: kept when a home is moved here. */
export const CARRIED_ATTRIBUTES = `
CREATE TABLE user_attributes (
  user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  attributes_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audio_file_attributes (
  file_id INTEGER PRIMARY KEY REFERENCES audio_files (id) ON DELETE CASCADE,
  attributes_json TEXT NOT NULL
) STRICT;
`;
