-- The columns are named as in Akka.Persistence.Sql's journal; its readers also ask for deleted, identifier and tags, which rows here do not have.
-- Rows are never deleted, so "largest rowid + 1" never gives a number twice and AUTOINCREMENT's extra table is not needed.
CREATE TABLE journal (
    ordering        INTEGER NOT NULL PRIMARY KEY,
    persistence_id  TEXT    NOT NULL,
    sequence_number INTEGER NOT NULL CHECK (sequence_number >= 1),
    manifest        TEXT    NOT NULL,
    message         BLOB    NOT NULL,
    writer_uuid     TEXT    NOT NULL,
    created         INTEGER NOT NULL, -- UTC, in ticks of 100 ns since 0001-01-01
    UNIQUE (persistence_id, sequence_number)
) STRICT;

-- Every entity once, by kind, in the order of first appends: a listing seeks here and steps from first row to first row.
CREATE INDEX journal_entity ON journal (substr(persistence_id, 1, instr(persistence_id, '/') - 1), ordering)
    WHERE sequence_number = 1;

-- The entities whose last append said that they still owe something; kept in the transaction of that append.
CREATE TABLE open_entity (
    persistence_id TEXT    NOT NULL PRIMARY KEY,
    kind           TEXT    NOT NULL,
    first_ordering INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX open_entity_of_kind ON open_entity (kind, first_ordering, persistence_id);
