-- Needs 创新需求 (第六条), their versions and attachments.

CREATE TABLE need (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  created_by TEXT NOT NULL REFERENCES account (id),
  -- draft | submitted | published | challenge | nominated | project | withdrawn | closed
  status TEXT NOT NULL,
  title TEXT,
  -- JSON of domain::Need as of `version`.
  content TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX need_organisation ON need (organisation_id, id);
CREATE INDEX need_status ON need (status, id);

-- Every version that was ever saved, the newest included.
CREATE TABLE need_version (
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  version BIGINT NOT NULL,
  status TEXT NOT NULL,
  content TEXT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (need_id, version)
);

CREATE TABLE attachment (
  id TEXT PRIMARY KEY,
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  sha256 {bytes} NOT NULL,
  content {bytes} NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX attachment_need ON attachment (need_id, id);
