-- Open forms and what they saved, announcements in the inboxes, rounds over saved searches.

-- Which need an open form has saved, so that what it sends again, or late, is known: also after
-- somebody asked to save, when the version says nothing of the form any more.
CREATE TABLE need_sitting (
  sitting TEXT PRIMARY KEY,
  need_id TEXT NOT NULL REFERENCES need (id) ON DELETE CASCADE,
  -- The version that it made last, and the one that somebody last asked it to save (0: none).
  version BIGINT NOT NULL,
  asked BIGINT NOT NULL
);
INSERT INTO need_sitting (sitting, need_id, version, asked)
  SELECT sitting, need_id, version, 0 FROM need_version WHERE sitting IS NOT NULL;
DROP INDEX need_version_sitting;

-- An announcement that is taken back or changed is so in every inbox.
CREATE INDEX notice_announcement ON notice (object) WHERE kind = 'announcement';

-- Searches are behind by changes that can add a hit of their kind.
ALTER TABLE saved_search ADD COLUMN kind TEXT NOT NULL DEFAULT 'talents';
UPDATE saved_search SET kind = 'needs' WHERE query LIKE '{"kind":"needs"%';
DROP INDEX saved_search_position;
CREATE INDEX saved_search_position ON saved_search (kind, position, id);
CREATE INDEX change_kind ON change (kind, number);

-- One node at a time looks at the searches of a kind; until when it has them for itself.
CREATE TABLE search_round (
  kind TEXT PRIMARY KEY,
  until BIGINT NOT NULL
);
INSERT INTO search_round (kind, until) VALUES ('talents', 0), ('needs', 0);
