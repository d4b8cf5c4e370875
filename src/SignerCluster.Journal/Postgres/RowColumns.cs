using Npgsql;

namespace SignerCluster.Journal.Postgres;

/// <summary>The columns of a stored row, as far as they hold what they must: someone's hand or another program may have been at them.</summary>
internal static class RowColumns
{
    /// <summary>What every question for rows selects first, in the order that is read here.</summary>
    public const string Sql =
        "journal.sequence_number, journal.manifest, journal.message, journal.writer_uuid, journal.created, journal.ordering, "
        + "journal.key_epoch, journal.persistence_id";

    private const int PersistenceId = 7;

    /// <summary>The first column after those.</summary>
    public const int Count = 8;

    /// <summary>The row under the reader, with a stand-in for each column that cannot be read: 0, empty, <see cref="Guid.Empty"/>, the year 1.</summary>
    /// <param name="isWhole">Could every column be read?</param>
    public static JournalRow Read(NpgsqlDataReader reader, out bool isWhole)
    {
        bool whole = Number(reader, 0, long.MaxValue, out long number) & Text(reader, 1, out string manifest) & Blob(reader, 2, out byte[] message)
            & Number(reader, 4, DateTime.MaxValue.Ticks, out long ticks) & Number(reader, 5, long.MaxValue, out long ordering)
            & Epoch(reader, 6, out int epoch) & Text(reader, 3, out string writerText);
        isWhole = Guid.TryParseExact(writerText, "D", out Guid writer) && whole;
        return new JournalRow(number, manifest, message, writer, new DateTimeOffset(ticks, TimeSpan.Zero), ordering, epoch);
    }

    public static StoredRow ReadStored(NpgsqlDataReader reader)
    {
        JournalRow row = Read(reader, out _);
        _ = Text(reader, PersistenceId, out string id);
        return new StoredRow(id, row);
    }

    private static bool Number(NpgsqlDataReader reader, int column, long maximum, out long value)
    {
        bool isReadable = !reader.IsDBNull(column) && reader.GetInt64(column) is var found && found >= 0 && found <= maximum;
        value = isReadable ? reader.GetInt64(column) : 0;
        return isReadable;
    }

    private static bool Epoch(NpgsqlDataReader reader, int column, out int value)
    {
        bool isReadable = !reader.IsDBNull(column) && reader.GetInt32(column) >= 0;
        value = isReadable ? reader.GetInt32(column) : 0;
        return isReadable;
    }

    private static bool Text(NpgsqlDataReader reader, int column, out string value)
    {
        value = reader.IsDBNull(column) ? string.Empty : reader.GetString(column);
        return value.Length > 0;
    }

    private static bool Blob(NpgsqlDataReader reader, int column, out byte[] value)
    {
        bool isReadable = !reader.IsDBNull(column);
        value = isReadable ? reader.GetFieldValue<byte[]>(column) : [];
        return isReadable;
    }
}
