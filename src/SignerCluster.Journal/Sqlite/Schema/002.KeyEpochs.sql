-- Rows say under which key epoch their messages are sealed; 0: not sealed. Rows of old epochs are found without a walk through the others.
ALTER TABLE journal ADD COLUMN key_epoch INTEGER NOT NULL DEFAULT 0;

CREATE INDEX journal_sealed ON journal (key_epoch, ordering) WHERE key_epoch > 0;

-- Every entity once. The version is kept beside the rows and not derived from them, so that a missing last row shows, and an entity of which
-- every row is missing is not taken for new. Keyed by the ordering of the first row: the busy ones are mostly the young ones and then share
-- pages, of which every commit writes the whole.
CREATE TABLE entity (
    first_ordering INTEGER NOT NULL PRIMARY KEY,
    persistence_id TEXT    NOT NULL UNIQUE,
    kind           TEXT    NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),
    is_open        INTEGER NOT NULL CHECK (is_open IN (0, 1)) -- did the last append say that something is still owed?
) STRICT;

INSERT INTO entity (persistence_id, kind, first_ordering, version, is_open)
SELECT persistence_id, substr(persistence_id, 1, instr(persistence_id, '/') - 1), min(ordering), max(sequence_number),
    EXISTS (SELECT 1 FROM open_entity WHERE open_entity.persistence_id = journal.persistence_id)
FROM journal GROUP BY persistence_id;

-- Serves both listings, each in the order of first appends, with which every entry ends: what is open by seeking, all by merging that with what
-- is not.
CREATE INDEX entity_of_kind ON entity (kind, is_open);

-- One row, for the journal as a whole. The last ordering is kept, so that it is not given again when the row that has it goes missing.
CREATE TABLE journal_head (
    one           INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    last_ordering INTEGER NOT NULL CHECK (last_ordering >= 0),
    key_epoch     INTEGER NOT NULL CHECK (key_epoch >= 0)
) STRICT;

INSERT INTO journal_head (one, last_ordering, key_epoch) SELECT 1, coalesce(max(ordering), 0), 0 FROM journal;

DROP INDEX journal_entity;
DROP TABLE open_entity;

-- "SgnJ": this file is a journal of ours.
PRAGMA application_id = 0x53676E4A;
