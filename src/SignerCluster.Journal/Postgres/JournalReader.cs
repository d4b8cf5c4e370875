using Npgsql;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Postgres;

/// <summary>The reading side of a journal: every question is one statement, and so one snapshot.</summary>
internal sealed class JournalReader(PostgresDatabase database)
{
    /// <summary>
    /// Ids per page of a listing, the LIMIT of the two listings below. A page is one short read, so that a slow reader of a long listing holds no snapshot.
    /// </summary>
    public const int PageLength = 256;

    private const string VersionSql = "SELECT version FROM signer.entity WHERE persistence_id = $1";

    // Always one row at least, of which the columns of the journal are null where it has none.
    private const string HistorySql =
        $"""
        SELECT {RowColumns.Sql}, extent.version, extent.skipped
        FROM (SELECT coalesce((SELECT version FROM signer.entity WHERE persistence_id = $1), 0) AS version,
            (SELECT count(*) FROM signer.journal WHERE persistence_id = $1 AND sequence_number BETWEEN 1 AND $2) AS skipped) AS extent
        LEFT JOIN signer.journal ON journal.persistence_id = $1 AND journal.sequence_number > $2
        ORDER BY journal.sequence_number
        """;

    private const string KnownSql =
        "SELECT first_ordering, persistence_id, version FROM signer.entity WHERE kind = $1 AND first_ordering > $2 ORDER BY first_ordering LIMIT 256";

    internal const string OpenSql =
        "SELECT first_ordering, persistence_id, version FROM signer.entity WHERE kind = $1 AND is_open AND first_ordering > $2 ORDER "
        + "BY first_ordering LIMIT 256";

    private const string AllSql = $"SELECT {RowColumns.Sql} FROM signer.journal WHERE ordering > $1 ORDER BY ordering LIMIT $2";

    // Steps from epoch to epoch, of which a journal has few, seeks in each and merges.
    private const string SealedSql =
        $"""
        WITH RECURSIVE old (epoch) AS (
            (SELECT key_epoch FROM signer.journal WHERE key_epoch > 0 AND key_epoch < $1 ORDER BY key_epoch LIMIT 1)
            UNION ALL
            SELECT (SELECT key_epoch FROM signer.journal WHERE key_epoch > 0 AND key_epoch > old.epoch AND key_epoch < $1 ORDER BY key_epoch LIMIT 1)
            FROM old WHERE old.epoch IS NOT NULL)
        SELECT {RowColumns.Sql} FROM old CROSS JOIN LATERAL (
            SELECT * FROM signer.journal WHERE key_epoch > 0 AND key_epoch = old.epoch AND ordering > $2 ORDER BY ordering LIMIT $3) AS journal
        ORDER BY ordering LIMIT $3
        """;

    public async ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) =>
        (await database.AskAsync(VersionSql, static reader => reader.GetInt64(0), cancellation, Of(id.ToString()))).FirstOrDefault();

    /// <summary>The rows after a number. A history that is not whole, before that number or after it, is refused whole.</summary>
    public async ValueTask<IReadOnlyList<JournalRow>> ReadHistoryAsync(EntityId id, long after, CancellationToken cancellation)
    {
        List<Found> found = await FindAsync(id, after, cancellation);
        long skipped = Math.Clamp(after, 0, found[0].Version);
        if (found[0].Skipped == skipped)
            return Checked(id, skipped, found);
        // Some of the rows that nobody asked for are missing: all are read to find the first that is.
        _ = Checked(id, 0, await FindAsync(id, 0, cancellation));
        // Restored between the two questions.
        return await ReadHistoryAsync(id, after, cancellation);
    }

    /// <summary>A page of a listing, with ids as they are stored.</summary>
    public async ValueTask<List<(long Ordering, string Id, long Version)>> ReadPageAsync(
        bool isOpen, string kind, long after, CancellationToken cancellation) =>
        await database.AskAsync(
            isOpen ? OpenSql : KnownSql, static reader => (reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2)), cancellation, Of(kind), Of(after));

    public async ValueTask<int> ReadKeyEpochAsync(CancellationToken cancellation)
    {
        List<int> found = await database.AskAsync("SELECT key_epoch FROM signer.journal_head WHERE one = 1", static reader => reader.GetInt32(0), cancellation);
        return found is [int epoch]
            ? epoch
            : throw PostgresFault.Fault("storage_corrupt", "lacks the row of journal_head.", isTransient: false, inner: null, database.Settings);
    }

    public async ValueTask<IReadOnlyList<StoredRow>> ReadAllAsync(long after, int limit, CancellationToken cancellation) =>
        await database.AskAsync(AllSql, RowColumns.ReadStored, cancellation, Of(after), Of((long)limit));

    public async ValueTask<IReadOnlyList<StoredRow>> ReadSealedBeforeAsync(int epoch, long after, int limit, CancellationToken cancellation) =>
        await database.AskAsync(SealedSql, RowColumns.ReadStored, cancellation, Of(epoch), Of(after), Of((long)limit));

    private async ValueTask<List<Found>> FindAsync(EntityId id, long after, CancellationToken cancellation) =>
        await database.AskAsync(HistorySql, Found.Read, cancellation, Of(id.ToString()), Of(after));

    private static List<JournalRow> Checked(EntityId id, long after, List<Found> found)
    {
        long version = found[0].Version;
        long expected = after + 1;
        List<JournalRow> rows = [];
        foreach (Found stored in found.Where(static stored => stored.IsRow))
        {
            JournalRow row = stored.Row;
            if (row.SequenceNumber > expected && expected <= version)
                break;
            if (!stored.IsWhole || row.SequenceNumber != expected)
                throw new UnreadableHistoryException(id, expected, QuarantineReason.RowMalformed, "a column does not hold what it must.");
            if (expected > version)
                throw new UnreadableHistoryException(id, expected, QuarantineReason.RowMalformed, $"the history ends with row {version}.");
            rows.Add(row);
            expected++;
        }

        return expected > version ? rows : throw new UnreadableHistoryException(id, expected, QuarantineReason.RowMissing, "it is missing.");
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    /// <summary>One row of an answer: what the journal has, if anything, and what the entity's own row says of it.</summary>
    private sealed record Found(long Version, long Skipped, bool IsRow, bool IsWhole, JournalRow Row)
    {
        public static Found Read(NpgsqlDataReader reader)
        {
            bool isRow = !reader.IsDBNull(0);
            bool isWhole = false;
            JournalRow row = isRow ? RowColumns.Read(reader, out isWhole) : default;
            return new Found(reader.GetInt64(RowColumns.Count), reader.GetInt64(RowColumns.Count + 1), isRow, isWhole, row);
        }
    }
}
