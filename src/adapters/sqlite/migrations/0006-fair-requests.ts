/**
 * What a request has for those who follow it live, indexes for lists, and turns between users.
 *
 * `is_ready` is set when a request becomes claimable, by whoever changes it or, where only time has passed, by the next
 * claim: so that a claim looks at nothing that is worked on or waits for a later try.
 */
export const FAIR_REQUESTS = `
ALTER TABLE requests ADD COLUMN connection_id TEXT;
ALTER TABLE requests ADD COLUMN metadata_json TEXT;
ALTER TABLE requests ADD COLUMN progress_details_json TEXT;
ALTER TABLE requests ADD COLUMN is_ready INTEGER NOT NULL DEFAULT 0;
DROP INDEX requests_open;
CREATE INDEX requests_ready ON requests (user_id, action, arrival) WHERE is_ready = 1;
CREATE INDEX requests_due ON requests (claimable_at_ms) WHERE is_ready = 0 AND claimable_at_ms IS NOT NULL;
CREATE INDEX requests_by_user ON requests (user_id, arrival);
CREATE INDEX requests_by_connection ON requests (connection_id, arrival) WHERE connection_id IS NOT NULL;
CREATE INDEX requests_by_status ON requests (status, arrival, action, created_at_ms);

-- When each user was served last, by the number of the claim; the same in all rows of a user. A row that says that
-- somebody waits may be wrong: the claim that finds nobody there mends it. The other way round, it is never wrong.
CREATE TABLE request_turns (
  user_id TEXT NOT NULL,
  action TEXT NOT NULL,
  served INTEGER NOT NULL,
  since INTEGER NOT NULL,
  is_waiting INTEGER NOT NULL,
  PRIMARY KEY (user_id, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_turns_waiting ON request_turns (action, served, since) WHERE is_waiting = 1;

CREATE TABLE request_claims (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  claims INTEGER NOT NULL
) STRICT;
INSERT INTO request_claims (id, claims) VALUES (1, 0);

UPDATE requests SET is_ready = 1 WHERE status = 'PENDING';
INSERT INTO request_turns (user_id, action, served, since, is_waiting)
  SELECT user_id, action, 0, min(arrival), 1 FROM requests WHERE is_ready = 1 GROUP BY user_id, action;
`;
