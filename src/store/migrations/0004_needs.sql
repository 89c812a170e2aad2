-- Needs 创新需求 (第六条), their versions and attachments.

CREATE TABLE need (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  created_by TEXT NOT NULL REFERENCES account (id),
  -- draft | submitted | published | challenge | nominated | project | withdrawn | closed
  status TEXT NOT NULL,
  -- What lists show of the content.
  title TEXT,
  mode TEXT,
  field TEXT,
  region TEXT,
  deadline TEXT,
  -- Why it was given back or withdrawn.
  reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  -- First time; others than its enterprise see the need from then on.
  submitted_at BIGINT,
  published_at BIGINT,
  version BIGINT NOT NULL,
  -- JSON of domain::Need as of `version`; last, so that lists do not read over it.
  content TEXT NOT NULL
);
CREATE INDEX need_organisation ON need (organisation_id, id);
CREATE INDEX need_status ON need (status, id);

-- Every version that was ever saved, the newest included.
CREATE TABLE need_version (
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (need_id, version)
);

CREATE TABLE attachment (
  id TEXT PRIMARY KEY,
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 {bytes} NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX attachment_need ON attachment (need_id, id);
-- A file sent twice is kept once.
CREATE UNIQUE INDEX attachment_once ON attachment (need_id, sha256);

-- Apart, so that lists do not read over it.
CREATE TABLE attachment_content (
  attachment_id TEXT PRIMARY KEY REFERENCES attachment (id) ON DELETE CASCADE,
  content {bytes} NOT NULL
);
