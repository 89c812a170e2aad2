-- A file that was added to a challenge belongs to it, not to another one of the same need; it may be part
-- of the answer to a question.

ALTER TABLE attachment ADD COLUMN challenge_id TEXT REFERENCES challenge (id);
ALTER TABLE attachment ADD COLUMN question_id TEXT REFERENCES challenge_question (id);
DROP INDEX attachment_once;
CREATE UNIQUE INDEX attachment_once ON attachment (need_id, COALESCE(challenge_id, ''), sha256);
