-- Challenges are found by the text of their needs, and searches among them are kept.

CREATE INDEX challenge_of_need ON challenge (need_id, id);

INSERT INTO search_round (kind, until) VALUES ('challenges', 0);
