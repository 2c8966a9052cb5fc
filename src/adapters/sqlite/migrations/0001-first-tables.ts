/**
 * The records of the first release. Times are milliseconds since the epoch; `newest_first` and `longest_first` are
 * negated so that an index can hold them beside a name that rises, and a page can start at a row value.
 */
export const FIRST_TABLES = `
CREATE TABLE audio_files (
  id INTEGER PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  filename TEXT NOT NULL,
  revision INTEGER NOT NULL,
  original_filename TEXT NOT NULL,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  tags_json TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('processing', 'ready', 'failed')),
  error TEXT,
  request_id TEXT,
  playable_key TEXT,
  playable_sha256 TEXT,
  playable_size_bytes INTEGER,
  audio_start_byte INTEGER,
  audio_bytes INTEGER,
  frame_count INTEGER,
  samples_per_frame INTEGER,
  sample_rate_hz INTEGER,
  constant_bitrate INTEGER,
  bitrate_kbps REAL,
  profile_version INTEGER,
  gain_steps INTEGER,
  peak REAL,
  duration_ms REAL NOT NULL,
  source_codec TEXT,
  source_sample_rate_hz INTEGER,
  source_channels INTEGER,
  source_bitrate_kbps REAL,
  loudness_lufs REAL,
  original_key TEXT,
  original_size_bytes INTEGER NOT NULL,
  original_sha256 TEXT NOT NULL,
  created_by TEXT NOT NULL,
  transcript_status TEXT NOT NULL,
  has_transcript INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  newest_first INTEGER GENERATED ALWAYS AS (-created_at_ms) VIRTUAL,
  longest_first REAL GENERATED ALWAYS AS (-duration_ms) VIRTUAL,
  UNIQUE (tenant_id, filename)
) STRICT;
CREATE INDEX audio_files_by_created ON audio_files (tenant_id, newest_first, filename);
CREATE INDEX audio_files_by_duration ON audio_files (tenant_id, longest_first, filename);
CREATE INDEX audio_files_by_state_name ON audio_files (tenant_id, state, filename);
CREATE INDEX audio_files_by_state_created ON audio_files (tenant_id, state, newest_first, filename);
CREATE INDEX audio_files_by_state_duration ON audio_files (tenant_id, state, longest_first, filename);
CREATE INDEX audio_files_by_original_sha256 ON audio_files (tenant_id, original_sha256, created_at_ms, filename)
  WHERE state <> 'failed';
CREATE INDEX audio_files_by_playable_key ON audio_files (playable_key) WHERE playable_key IS NOT NULL;
CREATE INDEX audio_files_by_original_key ON audio_files (original_key) WHERE original_key IS NOT NULL;

-- The words of each file, under its id; the texts themselves stay in audio_files. Title before file name before tags
-- before description. The tenant is no column of it: bm25 would count all its rows for every search.
CREATE VIRTUAL TABLE audio_file_words USING fts5 (
  title, filename, tags, description,
  content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
INSERT INTO audio_file_words (audio_file_words, rank) VALUES ('rank', 'bm25(1000, 100, 10, 1)');

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  username TEXT NOT NULL,
  username_key TEXT NOT NULL UNIQUE,
  email TEXT,
  password_hash TEXT NOT NULL,
  is_admin INTEGER NOT NULL,
  is_active INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_tenant ON users (tenant_id, username_key);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  scopes_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  newest_first INTEGER GENERATED ALWAYS AS (-created_at_ms) VIRTUAL
) STRICT;
CREATE INDEX api_keys_by_user ON api_keys (user_id, newest_first, id);

CREATE TABLE playback_links (
  id TEXT PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  newest_first INTEGER GENERATED ALWAYS AS (-created_at_ms) VIRTUAL
) STRICT;
CREATE INDEX playback_links_by_target ON playback_links (tenant_id, kind, name, newest_first, id);

CREATE TABLE positions (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  position_ms REAL NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, kind, name, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX positions_by_user ON positions (user_id);

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_records (
  key TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  response_json TEXT,
  expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_records_by_expiry ON idempotency_records (expires_at_ms);

CREATE TABLE retired_objects (
  key TEXT PRIMARY KEY,
  sweep_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX retired_objects_by_time ON retired_objects (sweep_at_ms, key);

CREATE TABLE requests (
  arrival INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL UNIQUE,
  action TEXT NOT NULL,
  payload_json TEXT NOT NULL,
  status TEXT NOT NULL,
  user_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  progress REAL NOT NULL,
  progress_message TEXT NOT NULL,
  result_json TEXT,
  error_json TEXT,
  retry_count INTEGER NOT NULL,
  max_retries INTEGER NOT NULL,
  visible_at_ms INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  lease_token TEXT,
  lease_until_ms INTEGER,
  seq INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  started_at_ms INTEGER,
  ended_at_ms INTEGER,
  claimable_at_ms INTEGER GENERATED ALWAYS AS (
    CASE status
      WHEN 'PENDING' THEN visible_at_ms
      WHEN 'RETRYING' THEN visible_at_ms
      WHEN 'PROCESSING' THEN lease_until_ms
    END
  ) VIRTUAL
) STRICT;
CREATE INDEX requests_open ON requests (arrival, action, claimable_at_ms) WHERE claimable_at_ms IS NOT NULL;
CREATE INDEX requests_by_end ON requests (ended_at_ms) WHERE ended_at_ms IS NOT NULL;

CREATE TABLE streams (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  revision TEXT NOT NULL,
  definition_json TEXT NOT NULL,
  expires_at_ms INTEGER,
  session_id TEXT,
  PRIMARY KEY (tenant_id, name)
) STRICT;
CREATE INDEX streams_by_session ON streams (tenant_id, session_id) WHERE session_id IS NOT NULL;

-- Which streams hold a file: a queue may have thousands, and to delete a file asks for its streams.
CREATE TABLE stream_files (
  tenant_id TEXT NOT NULL,
  filename TEXT NOT NULL,
  stream_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, filename, stream_name),
  FOREIGN KEY (tenant_id, stream_name) REFERENCES streams (tenant_id, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX stream_files_by_stream ON stream_files (tenant_id, stream_name);
`;
