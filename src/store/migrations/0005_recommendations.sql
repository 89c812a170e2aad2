-- What was recommended and what came of it.

-- Ranking files by their SHA-256 in hexadecimal, so that a list can be scored again.
CREATE TABLE ranking (
  hash TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  content TEXT NOT NULL
);

CREATE TABLE recommendation (
  id TEXT PRIMARY KEY,
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  need_version BIGINT NOT NULL,
  ranking_hash TEXT NOT NULL REFERENCES ranking (hash),
  -- Change up to which the index had come.
  position BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  -- JSON: filters; feature values and shown text of each talent, in order.
  filters TEXT NOT NULL,
  items TEXT NOT NULL
);
CREATE INDEX recommendation_need ON recommendation (need_id, id);

-- What the enterprise thinks of a talent for a need.
CREATE TABLE shortlist (
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  talent_id TEXT NOT NULL REFERENCES talent (id) ON DELETE CASCADE,
  -- shortlisted | unsuitable
  verdict TEXT NOT NULL,
  -- A note, or why not.
  note TEXT NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (need_id, talent_id)
);

CREATE TABLE invitation (
  id TEXT PRIMARY KEY,
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  talent_id TEXT NOT NULL REFERENCES talent (id) ON DELETE CASCADE,
  by_account TEXT NOT NULL REFERENCES account (id),
  message TEXT NOT NULL,
  -- JSON of the parts of the need that the enterprise released to the talent.
  released TEXT NOT NULL,
  -- What the enterprise shows of itself once accepted.
  contact TEXT NOT NULL,
  -- sent | accepted | declined | withdrawn
  status TEXT NOT NULL,
  answer TEXT,
  created_at BIGINT NOT NULL,
  answered_at BIGINT,
  version BIGINT NOT NULL
);
CREATE INDEX invitation_talent ON invitation (talent_id, id);
CREATE INDEX invitation_need ON invitation (need_id, id);
-- One open invitation a talent and need.
CREATE UNIQUE INDEX invitation_open ON invitation (need_id, talent_id) WHERE status IN ('sent', 'accepted');
