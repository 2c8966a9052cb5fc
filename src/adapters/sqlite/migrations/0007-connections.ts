/** Clients that are told live how requests go on, and of which. They may subscribe before the connection is saved. */
export const CONNECTIONS = `
CREATE TABLE connections (
  connection_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  tenant_id TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  connected_at_ms INTEGER NOT NULL,
  last_ping_ms INTEGER NOT NULL,
  metadata_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX connections_by_user ON connections (user_id, connection_id);
CREATE INDEX connections_by_tenant ON connections (tenant_id, connection_id);
CREATE INDEX connections_by_last_ping ON connections (tenant_id, last_ping_ms);

CREATE TABLE subscriptions (
  connection_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  event_types_json TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (connection_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_request ON subscriptions (request_id, connection_id);
CREATE INDEX subscriptions_by_creation ON subscriptions (created_at_ms);
`;
