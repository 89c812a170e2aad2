-- A document of a challenge may belong to the answer to a question about it.

ALTER TABLE attachment ADD COLUMN question_id TEXT REFERENCES challenge_question (id);
