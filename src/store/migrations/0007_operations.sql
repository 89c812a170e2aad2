-- What operators work with: announcements, figures of the dashboard, and the order of the lists.

-- 公告, for everybody or for one role.
CREATE TABLE announcement (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  -- all, or the code of a role
  audience TEXT NOT NULL,
  -- Milliseconds since 1970 UTC: shown from the one to before the other.
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  -- Taken back before its end.
  withdrawn_at BIGINT,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX announcement_ends ON announcement (ends_at, starts_at);

-- How well a need can be matched, as it was last found: derived, and found again at any time.
CREATE TABLE need_match (
  need_id TEXT PRIMARY KEY REFERENCES need (id) ON DELETE CASCADE,
  need_version BIGINT NOT NULL,
  -- Talents that match it highly (高度匹配).
  high BIGINT NOT NULL,
  at BIGINT NOT NULL
);

-- The dashboard counts needs by month without reading what they say.
CREATE INDEX need_submitted ON need (submitted_at, status, field, id, version);
CREATE INDEX invitation_created ON invitation (created_at, status);
CREATE INDEX invitation_status ON invitation (status, need_id, answered_at);
CREATE INDEX account_status ON account (status, id);

-- The audit log is looked through by what was done, by whom, and when.
CREATE INDEX audit_action ON audit (action, number);
CREATE INDEX audit_actor ON audit (actor, number);
CREATE INDEX audit_at ON audit (at);
