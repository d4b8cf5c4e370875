-- The columns are named as in Akka.Persistence.Sql's journal; its readers also ask for deleted, identifier and tags, which rows here do not have.
CREATE TABLE signer.journal (
    ordering        bigint NOT NULL PRIMARY KEY,
    persistence_id  text   COLLATE "C" NOT NULL,
    sequence_number bigint NOT NULL CHECK (sequence_number >= 1),
    manifest        text   NOT NULL CHECK (manifest <> ''),
    message         bytea  NOT NULL,
    writer_uuid     text   NOT NULL,
    created         bigint NOT NULL CHECK (created >= 0), -- UTC, in ticks of 100 ns since 0001-01-01
    key_epoch       integer NOT NULL CHECK (key_epoch >= 0), -- under which the message is sealed; 0: not sealed
    UNIQUE (persistence_id, sequence_number)
);

-- Sealed messages do not compress.
ALTER TABLE signer.journal ALTER COLUMN message SET STORAGE EXTERNAL;

-- Rows of old epochs are found without a walk through the others.
CREATE INDEX journal_sealed ON signer.journal (key_epoch, ordering) WHERE key_epoch > 0;

-- Every entity once. The version is kept beside the rows and not derived from them, so that a missing last row shows, and an entity of which
-- every row is missing is not taken for new. The free room in a page lets a version move without a new entry in any index.
CREATE TABLE signer.entity (
    persistence_id text    COLLATE "C" NOT NULL PRIMARY KEY,
    first_ordering bigint  NOT NULL,
    kind           text    COLLATE "C" NOT NULL,
    version        bigint  NOT NULL CHECK (version >= 1),
    is_open        boolean NOT NULL -- did the last append say that something is still owed?
) WITH (fillfactor = 70);

-- Both listings are in the order of first appends.
CREATE UNIQUE INDEX entity_of_kind ON signer.entity (kind, first_ordering);
CREATE INDEX entity_open ON signer.entity (kind, first_ordering) WHERE is_open;

-- One row, for the journal as a whole. Whoever writes locks it first: so orderings grow in the order of commits, and which key epoch is active is
-- decided in the transaction of the append, whatever process it comes from.
CREATE TABLE signer.journal_head (
    one           integer NOT NULL PRIMARY KEY CHECK (one = 1),
    last_ordering bigint  NOT NULL CHECK (last_ordering >= 0),
    key_epoch     integer NOT NULL CHECK (key_epoch >= 0)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

INSERT INTO signer.journal_head (one, last_ordering, key_epoch) VALUES (1, 0, 0);
