-- Organisations declare their standing themselves; operators keep records of research integrity.

ALTER TABLE organisation_standing ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- Who declared it last.
ALTER TABLE organisation_standing ADD COLUMN updated_by TEXT REFERENCES account (id);

-- The day, in China, of the finding: 2026-11-25.
ALTER TABLE integrity_record ADD COLUMN found_on TEXT;
ALTER TABLE integrity_record ADD COLUMN opened_by TEXT REFERENCES account (id);
ALTER TABLE integrity_record ADD COLUMN closed_by TEXT REFERENCES account (id);
ALTER TABLE integrity_record ADD COLUMN close_reason TEXT;
