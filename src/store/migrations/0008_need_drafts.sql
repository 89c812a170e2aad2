-- Drafts that save themselves, and lists of needs that sort.

-- Saved by the page while somebody was typing: the next save of the same person takes its place, so
-- that the history has one version a sitting.
ALTER TABLE need_version ADD COLUMN autosaved BIGINT NOT NULL DEFAULT 0;

CREATE INDEX need_updated ON need (updated_at, id);
-- Holds all that a list counts by, so that counting does not read the content.
CREATE INDEX need_counted ON need (organisation_id, status, mode, submitted_at, title);
