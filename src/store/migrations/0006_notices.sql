-- Notices in the inbox, saved searches, and the daily digest by e-mail.

CREATE TABLE notice (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  -- `kind:id` of what it is about, where there is a page of it.
  object TEXT NOT NULL,
  -- JSON of domain::Notice.
  content TEXT NOT NULL,
  at BIGINT NOT NULL,
  read_at BIGINT,
  -- The day of the digest that told of it.
  mailed_on TEXT
);
CREATE INDEX notice_account ON notice (account_id, id);
-- The number in the header of every page.
CREATE INDEX notice_unread ON notice (account_id) WHERE read_at IS NULL;

-- Kinds that somebody does not want to hear of.
CREATE TABLE notice_mute (
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  PRIMARY KEY (account_id, kind)
);

-- Announcements (0007) that were put into the inboxes, so that they are once.
CREATE TABLE announcement_told (
  announcement_id TEXT PRIMARY KEY
);

CREATE TABLE saved_search (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- JSON of domain::SearchQuery, the same for the same search.
  query TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  -- The change up to which its hits were looked at, and when.
  position BIGINT NOT NULL,
  looked_at BIGINT NOT NULL,
  -- Eight bytes for each hit that was ever seen, in order.
  seen {bytes} NOT NULL
);
CREATE UNIQUE INDEX saved_search_once ON saved_search (account_id, query);
CREATE INDEX saved_search_position ON saved_search (position, id);

-- Where somebody wants the digest.
CREATE TABLE digest (
  account_id TEXT PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  -- SHA-256 of what stands in the link that confirms the address; nothing is mailed before.
  confirm_hash {bytes},
  -- When the link was sent last, and how many were sent since the day began.
  asked_at BIGINT NOT NULL,
  asked BIGINT NOT NULL,
  -- Since when the digest is mailed.
  confirmed_at BIGINT
);
CREATE UNIQUE INDEX digest_confirm ON digest (confirm_hash);

-- One mail a person and day. The row is there before the mail is sent, so that nobody else sends it.
CREATE TABLE digest_mail (
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  day TEXT NOT NULL,
  -- sending | sent | failed: surely not accepted | unknown: perhaps accepted | dropped
  status TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  -- When to try again.
  next_at BIGINT NOT NULL,
  at BIGINT NOT NULL,
  -- SHA-256 of what stands in the link that ends the digest.
  end_hash {bytes} NOT NULL,
  PRIMARY KEY (account_id, day)
);
CREATE UNIQUE INDEX digest_mail_end ON digest_mail (end_hash);
CREATE INDEX digest_mail_status ON digest_mail (status, next_at);
