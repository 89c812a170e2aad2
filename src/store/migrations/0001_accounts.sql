-- Who may sign in, and the two logs that every change writes to.
-- {bytes} is BLOB or BYTEA. Times are milliseconds since 1970 UTC, truth values 0 or 1.

-- Numbers of the logs. A writer holds the row until it commits, so numbers have no gaps and
-- appear in the order of commits: whoever has seen number n has seen all before it.
CREATE TABLE counter (
  name TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('audit', 0), ('change', 0);

CREATE TABLE audit (
  number BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash {bytes} NOT NULL
);
CREATE INDEX audit_object ON audit (object, number);

-- What the index follower must look at again.
CREATE TABLE change (
  number BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  id TEXT NOT NULL
);

CREATE TABLE organisation (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  credit_code TEXT UNIQUE,
  region TEXT,
  high_tech BIGINT NOT NULL,
  tech_sme BIGINT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);

CREATE TABLE account (
  id TEXT PRIMARY KEY,
  organisation_id TEXT REFERENCES organisation (id),
  login TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  password_is_temporary BIGINT NOT NULL,
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX account_organisation ON account (organisation_id);

-- Only hashes of what the browser or the program holds.
CREATE TABLE session (
  token_hash {bytes} PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expires ON session (expires_at);
