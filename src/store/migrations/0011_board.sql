-- The 揭榜挂帅 board: challenges, sealed bids, evaluation and award.

-- What the rules on bidders look at, beside the organisation itself.
CREATE TABLE organisation_standing (
  organisation_id TEXT PRIMARY KEY REFERENCES organisation (id) ON DELETE CASCADE,
  -- The group of companies that it has declared.
  group_name TEXT NOT NULL,
  legal_person TEXT NOT NULL,
  -- JSON list.
  qualifications TEXT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE integrity_record (
  id TEXT PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES organisation (id) ON DELETE CASCADE,
  what TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  closed_at BIGINT
);
CREATE INDEX integrity_organisation ON integrity_record (organisation_id);

CREATE TABLE challenge (
  id TEXT PRIMARY KEY,
  need_id TEXT NOT NULL REFERENCES need (id),
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  created_by TEXT NOT NULL REFERENCES account (id),
  -- preparing | submitted | open | scoring | ranked | chosen | awarded | contracted | withdrawn | failed
  status TEXT NOT NULL,
  -- What lists show of the content and of the need.
  title TEXT NOT NULL,
  field TEXT,
  region TEXT,
  reward BIGINT,
  opens_at BIGINT,
  closes_at BIGINT,
  -- Number of the terms that bidders answer: 0 before publishing, one more with each amendment.
  terms BIGINT NOT NULL,
  -- Why it was given back, withdrawn, or ended without an award.
  reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  published_at BIGINT,
  opened_at BIGINT,
  -- The bid that the publisher chose, why, and until when objections are taken.
  chosen TEXT,
  choice_reason TEXT,
  objections_until BIGINT,
  awarded_at BIGINT,
  -- Number of its last change in the log `change`: who has seen n has seen all before it.
  touched BIGINT NOT NULL,
  version BIGINT NOT NULL,
  -- JSON of domain::challenge::Challenge.
  content TEXT NOT NULL
);
CREATE UNIQUE INDEX challenge_need ON challenge (need_id) WHERE status NOT IN ('withdrawn', 'failed');
CREATE INDEX challenge_organisation ON challenge (organisation_id, id);
CREATE INDEX challenge_due ON challenge (closes_at) WHERE status = 'open';
CREATE INDEX challenge_touched ON challenge (touched);
CREATE INDEX challenge_status ON challenge (status, id);

-- What was published, and each amendment.
CREATE TABLE challenge_terms (
  challenge_id TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  -- Why it was amended.
  reason TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (challenge_id, number)
);

CREATE TABLE challenge_watcher (
  challenge_id TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  at BIGINT NOT NULL,
  PRIMARY KEY (challenge_id, account_id)
);
CREATE INDEX watcher_account ON challenge_watcher (account_id);

CREATE TABLE challenge_question (
  id TEXT PRIMARY KEY,
  challenge_id TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  text TEXT NOT NULL,
  answer TEXT,
  answered_by TEXT,
  answered_at BIGINT
);
CREATE INDEX question_challenge ON challenge_question (challenge_id, id);

-- Who has agreed to keep the documents to themselves: to which text, and when.
CREATE TABLE challenge_agreement (
  challenge_id TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id),
  text_version BIGINT NOT NULL,
  text TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (challenge_id, account_id, text_version)
);

-- One of an organisation for a challenge. All that it says is sealed (app::board::seal).
CREATE TABLE bid (
  id TEXT PRIMARY KEY,
  challenge_id TEXT NOT NULL REFERENCES challenge (id),
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  created_by TEXT NOT NULL REFERENCES account (id),
  -- draft | submitted | withdrawn | opened | excluded | won | lost
  status TEXT NOT NULL,
  -- What is being written.
  draft {bytes} NOT NULL,
  -- What was handed in, with its nonce; its commitment, and the receipt's random id.
  submitted {bytes},
  commitment {bytes},
  receipt TEXT UNIQUE,
  submitted_at BIGINT,
  -- The terms that it was submitted or confirmed for.
  terms BIGINT NOT NULL,
  -- From 1 in the order of submission; given at opening.
  place BIGINT,
  -- JSON list of violations that were found at opening.
  excluded TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX bid_once ON bid (challenge_id, organisation_id);
CREATE INDEX bid_organisation ON bid (organisation_id, id);

CREATE TABLE bid_member (
  bid_id TEXT NOT NULL REFERENCES bid (id) ON DELETE CASCADE,
  organisation_id TEXT NOT NULL REFERENCES organisation (id),
  -- Order in the consortium; 0 leads.
  place BIGINT NOT NULL,
  role TEXT NOT NULL,
  percent BIGINT NOT NULL,
  -- invited | confirmed | declined
  status TEXT NOT NULL,
  answered_by TEXT,
  answered_at BIGINT,
  PRIMARY KEY (bid_id, organisation_id)
);
CREATE INDEX bid_member_organisation ON bid_member (organisation_id);

CREATE TABLE bid_file (
  id TEXT PRIMARY KEY,
  bid_id TEXT NOT NULL REFERENCES bid (id) ON DELETE CASCADE,
  at BIGINT NOT NULL,
  -- Name, kind and hash; and the file. Both sealed.
  head {bytes} NOT NULL,
  content {bytes} NOT NULL
);
CREATE INDEX bid_file_bid ON bid_file (bid_id, id);

-- What was done to bids while they are sealed. It goes into the audit log at opening: entries there
-- are numbered, and their number alone would tell how many bids there are.
CREATE TABLE bid_event (
  bid_id TEXT NOT NULL REFERENCES bid (id) ON DELETE CASCADE,
  number BIGINT NOT NULL,
  challenge_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  -- submit | replace | withdraw | confirm | leave
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (bid_id, number)
);
CREATE INDEX bid_event_challenge ON bid_event (challenge_id, at);

CREATE TABLE panel_member (
  challenge_id TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id),
  at BIGINT NOT NULL,
  -- When the conflicts were declared: nobody reads a bid before.
  declared_at BIGINT,
  PRIMARY KEY (challenge_id, account_id)
);
CREATE INDEX panel_account ON panel_member (account_id);

-- A member who may not read nor score a bid.
CREATE TABLE panel_conflict (
  bid_id TEXT NOT NULL REFERENCES bid (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id),
  challenge_id TEXT NOT NULL,
  -- Found by the rules, else declared.
  by_rule BIGINT NOT NULL,
  reason TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (bid_id, account_id)
);

CREATE TABLE score_sheet (
  bid_id TEXT NOT NULL REFERENCES bid (id) ON DELETE CASCADE,
  account_id TEXT NOT NULL REFERENCES account (id),
  challenge_id TEXT NOT NULL,
  -- JSON list, in the order of the criteria.
  scores TEXT NOT NULL,
  comment TEXT NOT NULL,
  -- What its hash in the audit log is made with: few scores are easily tried.
  nonce {bytes} NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (bid_id, account_id)
);
CREATE INDEX score_challenge ON score_sheet (challenge_id);

CREATE TABLE objection (
  id TEXT PRIMARY KEY,
  challenge_id TEXT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  organisation_id TEXT REFERENCES organisation (id),
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL,
  text TEXT NOT NULL,
  answer TEXT,
  upheld BIGINT,
  answered_by TEXT,
  answered_at BIGINT
);
CREATE INDEX objection_challenge ON objection (challenge_id, id);

-- The signed R&D contract (第九条).
CREATE TABLE challenge_contract (
  challenge_id TEXT PRIMARY KEY REFERENCES challenge (id) ON DELETE CASCADE,
  bid_id TEXT NOT NULL REFERENCES bid (id),
  -- In yuan.
  amount BIGINT NOT NULL,
  signed_on TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  first_payment BIGINT NOT NULL,
  first_paid_on TEXT NOT NULL,
  file_name TEXT NOT NULL,
  file_sha256 {bytes} NOT NULL,
  by_account TEXT NOT NULL,
  at BIGINT NOT NULL
);

-- The end of the audit log as it was published each day.
CREATE TABLE audit_head (
  day TEXT PRIMARY KEY,
  number BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  at BIGINT NOT NULL
);
