-- Random, hashed with the entry: who has only the hash of an entry cannot find out by guessing what it
-- says. Empty in entries of before.
ALTER TABLE audit ADD COLUMN salt TEXT NOT NULL DEFAULT '';
