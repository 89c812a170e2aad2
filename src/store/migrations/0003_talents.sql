-- Talents 科技人才（团队） and their evidence 成果. Lists are JSON texts.

CREATE TABLE talent (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  organization TEXT NOT NULL,
  region TEXT,
  title TEXT,
  keywords TEXT NOT NULL,
  bio TEXT,
  fields TEXT NOT NULL,
  members TEXT NOT NULL,
  -- Shown after an invitation is accepted only.
  contact TEXT,
  -- open | limited | closed
  availability TEXT NOT NULL,
  -- Collaborations that the talent can take at once; NULL where not said.
  capacity BIGINT,
  -- The person's account, after an approved claim, and when the person agreed to be listed.
  account_id TEXT UNIQUE REFERENCES account (id),
  consent_at BIGINT,
  -- active | hidden | merged
  status TEXT NOT NULL,
  merged_into TEXT REFERENCES talent (id),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX talent_name ON talent (name);
CREATE INDEX talent_merged_into ON talent (merged_into);

-- Co-authors share a piece.
CREATE TABLE evidence (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  abstract TEXT,
  keywords TEXT NOT NULL,
  year BIGINT
);

CREATE TABLE talent_evidence (
  talent_id TEXT NOT NULL REFERENCES talent (id) ON DELETE CASCADE,
  evidence_id TEXT NOT NULL REFERENCES evidence (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  -- 1: the person keeps this piece out of matching.
  hidden BIGINT NOT NULL,
  PRIMARY KEY (talent_id, evidence_id)
);
CREATE INDEX talent_evidence_evidence ON talent_evidence (evidence_id);

-- "This profile is mine": decided by an operator.
CREATE TABLE claim (
  id TEXT PRIMARY KEY,
  talent_id TEXT NOT NULL REFERENCES talent (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  statement TEXT NOT NULL,
  -- pending | approved | refused
  status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  decided_at BIGINT,
  decided_by TEXT,
  version BIGINT NOT NULL
);
CREATE INDEX claim_status ON claim (status, created_at);

-- Two profiles of one person made one, with what is needed to undo it; or kept apart for good.
CREATE TABLE merge (
  id TEXT PRIMARY KEY,
  kept_id TEXT NOT NULL,
  dropped_id TEXT NOT NULL,
  -- merged | apart | undone
  status TEXT NOT NULL,
  -- JSON: the ids of evidence that the kept one gained.
  gained TEXT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- Bulk imports: the report stays.
CREATE TABLE import (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  -- previewed | done
  status TEXT NOT NULL,
  by_account TEXT,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  -- JSON: counts and problems by row.
  report TEXT NOT NULL,
  -- The rows as read, JSON lines, until they are written.
  rows {bytes}
);
