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
  -- What duplicates are looked for by (domain::duplicate): the name folded; of a team its
  -- organisation and members folded.
  folded_name TEXT NOT NULL,
  team_key TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX talent_folded_name ON talent (folded_name, id);
CREATE INDEX talent_team_key ON talent (team_key, id);
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
CREATE INDEX claim_status ON claim (status, id);
CREATE INDEX claim_talent ON claim (talent_id);
-- A person is one profile, so one claim at a time.
CREATE UNIQUE INDEX claim_pending ON claim (account_id) WHERE status = 'pending';

-- Two profiles of one person made one, with what is needed to undo it; or kept apart for good.
CREATE TABLE merge (
  id TEXT PRIMARY KEY,
  -- Of two that are kept apart, the one whose id comes first.
  kept_id TEXT NOT NULL,
  dropped_id TEXT NOT NULL,
  -- merged | apart | undone
  status TEXT NOT NULL,
  -- Whether the dropped one was active or hidden before.
  was TEXT NOT NULL,
  -- JSON: the ids of evidence that the kept one gained.
  gained TEXT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);
-- A profile is dropped once at a time, and two are kept apart once.
CREATE UNIQUE INDEX merge_dropped ON merge (dropped_id) WHERE status = 'merged';
CREATE UNIQUE INDEX merge_apart ON merge (kept_id, dropped_id) WHERE status = 'apart';
CREATE INDEX merge_kept ON merge (kept_id);

-- Imports: what was found before anything was written; the report stays.
CREATE TABLE import (
  id TEXT PRIMARY KEY,
  -- talents | evidence | needs
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  -- previewed | done
  status TEXT NOT NULL,
  by_account TEXT,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  -- JSON: counts and rows, with ids and no names.
  report TEXT NOT NULL,
  -- SHA-256 of what will be done, with the versions that it was found for.
  digest {bytes} NOT NULL,
  -- The rows as read, JSON lines, until they are written or too old.
  rows {bytes}
);
CREATE INDEX import_kind ON import (kind, id);
CREATE INDEX import_by_account ON import (by_account, kind);
