-- Drafts that save themselves, and lists of needs that sort.

-- Key of the open form that saved this version by itself, while somebody was typing. The next save
-- of the same form takes its place, so that the history has one version a sitting; and what such a
-- form has sent before is not somebody else's change to it.
ALTER TABLE need_version ADD COLUMN sitting TEXT;
CREATE UNIQUE INDEX need_version_sitting ON need_version (sitting) WHERE sitting IS NOT NULL;

CREATE INDEX need_updated ON need (updated_at, id);
-- Holds all that a list counts by, so that counting does not read the content.
CREATE INDEX need_counted ON need (organisation_id, status, mode, submitted_at, title);
