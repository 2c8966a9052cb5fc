import { createHash } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { checkQueueSize } from '../../domain/stream.ts';
import type { ExpectedRevision, StoredStream, StreamDefinition, StreamStore } from '../../domain/stream.ts';
import type { Database, Row } from './database.ts';
import { placeByText, toPage } from './page-place.ts';
import { text } from './row.ts';

const IS_ALIVE = '(expires_at_ms IS NULL OR expires_at_ms > :now)';

export function openSqliteStreamStore(db: Database, clock: Clock): StreamStore {
  const find = db.prepare(`SELECT * FROM streams WHERE tenant_id = :tenant AND name = :name AND ${IS_ALIVE}`);
  const list = db.prepare(
    `SELECT * FROM streams WHERE tenant_id = :tenant AND name > :name AND ${IS_ALIVE} ORDER BY name LIMIT :limit`,
  );
  // Not REPLACE, which would delete the row, and with it the rows of stream_files that did not change.
  const save = db.prepare(
    `INSERT INTO streams (tenant_id, name, revision, definition_json, expires_at_ms, session_id)
     VALUES (:tenant, :name, :revision, :definition_json, :expires_at_ms, :session_id)
     ON CONFLICT (tenant_id, name) DO UPDATE SET revision = excluded.revision,
       definition_json = excluded.definition_json, expires_at_ms = excluded.expires_at_ms,
       session_id = excluded.session_id`,
  );
  const remove = db.prepare('DELETE FROM streams WHERE tenant_id = :tenant AND name = :name');
  const removeBySession = db.prepare(
    'DELETE FROM streams WHERE tenant_id = :tenant AND session_id = :session_id',
  );
  const addFiles = db.prepare(
    `INSERT OR IGNORE INTO stream_files (tenant_id, filename, stream_name)
     SELECT :tenant, value, :name FROM json_each(:files)`,
  );
  const removeOtherFiles = db.prepare(
    `DELETE FROM stream_files WHERE tenant_id = :tenant AND stream_name = :name
       AND filename NOT IN (SELECT value FROM json_each(:files))`,
  );
  const listUsing = db.prepare(
    `SELECT stream_name FROM stream_files JOIN streams ON streams.tenant_id = stream_files.tenant_id
       AND streams.name = stream_files.stream_name
     WHERE stream_files.tenant_id = :tenant AND filename = :filename AND ${IS_ALIVE}
     ORDER BY stream_name LIMIT :limit`,
  );

  const checkRevision = (tenantId: string, name: string, expected: ExpectedRevision): Row | undefined => {
    const row = find.get({ tenant: tenantId, name, now: clock() });
    const revision = row === undefined ? null : text(row, 'revision');
    if (expected !== undefined && revision !== expected) {
      throw new AppError('precondition_failed', 'The stream was changed in the meantime.');
    }
    return row;
  };

  return {
    async find(tenantId, name) {
      const row = find.get({ tenant: tenantId, name, now: clock() });
      return row === undefined ? null : fromRow(row);
    },

    async list(tenantId, page) {
      const rows = list.all({
        tenant: tenantId,
        name: placeByText(page),
        now: clock(),
        limit: page.limit + 1,
      });
      return toPage(rows, page.limit, ['name'], fromRow);
    },

    async save(stream, expected) {
      checkQueueSize(stream.files);
      const { tenantId, name, persistence, sessionId, expiresAtMs } = stream;
      const definitionJson = JSON.stringify(stream);
      const revision = createHash('sha256').update(definitionJson).digest('hex').slice(0, 32);
      const queue = { tenant: tenantId, name, files: JSON.stringify(stream.files) };
      db.transaction(() => {
        checkRevision(tenantId, name, expected);
        save.run({
          tenant: tenantId,
          name,
          revision,
          definition_json: definitionJson,
          expires_at_ms: expiresAtMs ?? null,
          session_id: persistence === 'session' ? (sessionId ?? null) : null,
        });
        removeOtherFiles.run(queue);
        addFiles.run(queue);
      });
      return { ...stream, files: [...stream.files], revision };
    },

    async delete(tenantId, name, expected) {
      return db.transaction(() => {
        const row = checkRevision(tenantId, name, expected);
        // One that has expired goes too, though nobody is told that it was there.
        remove.run({ tenant: tenantId, name });
        return row !== undefined;
      });
    },

    async listUsing(tenantId, filename, limit) {
      const rows = listUsing.all({ tenant: tenantId, filename, now: clock(), limit });
      return rows.map((row) => text(row, 'stream_name'));
    },

    async deleteBySession(tenantId, sessionId) {
      removeBySession.run({ tenant: tenantId, session_id: sessionId });
    },
  };
}

function fromRow(row: Row): StoredStream {
  const definition = JSON.parse(text(row, 'definition_json')) as StreamDefinition;
  return { ...definition, revision: text(row, 'revision') };
}
