-- API tokens, failed sign-ins, and requests that must not be done twice.

-- Only hashes of what the program holds.
CREATE TABLE api_token (
  id TEXT PRIMARY KEY,
  token_hash {bytes} NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- Scope codes, separated by spaces.
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX api_token_account ON api_token (account_id);

-- Failed sign-ins: `who` is a hash of the login, or of the address that tried.
CREATE TABLE sign_in_failure (
  who {bytes} NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_who ON sign_in_failure (who, at);

-- Answers to creates that carried an Idempotency-Key, for a day.
CREATE TABLE idempotency (
  account_id TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash {bytes} NOT NULL,
  status BIGINT NOT NULL,
  location TEXT,
  etag TEXT,
  body TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_at ON idempotency (at);
