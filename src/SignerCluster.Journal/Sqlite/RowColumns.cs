using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SignerCluster.Journal.Sqlite;

/// <summary>The columns of a stored row, as far as they hold what they must: someone's hand or another program may have been at them.</summary>
internal static class RowColumns
{
    /// <summary>What every question for rows selects, in the order that is read here.</summary>
    public const string Sql = "sequence_number, manifest, message, writer_uuid, created, ordering, key_epoch, persistence_id";

    /// <summary>The row under the reader, with a stand-in for each column that cannot be read: 0, empty, <see cref="Guid.Empty"/>, the year 1.</summary>
    /// <param name="isWhole">Could every column be read?</param>
    public static JournalRow Read(SqliteDataReader reader, out bool isWhole)
    {
        bool whole = Number(reader, 0, long.MaxValue, out long number) & Text(reader, 1, out string manifest) & Blob(reader, 2, out byte[] message)
            & Number(reader, 4, DateTime.MaxValue.Ticks, out long ticks) & Number(reader, 5, long.MaxValue, out long ordering)
            & Number(reader, 6, int.MaxValue, out long epoch) & Text(reader, 3, out string writerText);
        isWhole = Guid.TryParseExact(writerText, "D", out Guid writer) && whole;
        return new JournalRow(number, manifest, message, writer, new DateTimeOffset(ticks, TimeSpan.Zero), ordering, (int)epoch);
    }

    public static StoredRow ReadStored(SqliteDataReader reader)
    {
        JournalRow row = Read(reader, out _);
        _ = Text(reader, 7, out string id);
        return new StoredRow(id, row);
    }

    private static bool Number(SqliteDataReader reader, int column, long maximum, out long value)
    {
        bool isReadable = TypeOf(reader, column) == raw.SQLITE_INTEGER && reader.GetInt64(column) is var found && found >= 0 && found <= maximum;
        value = isReadable ? reader.GetInt64(column) : 0;
        return isReadable;
    }

    private static bool Text(SqliteDataReader reader, int column, out string value)
    {
        value = TypeOf(reader, column) == raw.SQLITE_TEXT ? reader.GetString(column) : string.Empty;
        return value.Length > 0;
    }

    private static bool Blob(SqliteDataReader reader, int column, out byte[] value)
    {
        bool isReadable = TypeOf(reader, column) == raw.SQLITE_BLOB;
        value = isReadable ? reader.GetFieldValue<byte[]>(column) : [];
        return isReadable;
    }

    private static int TypeOf(SqliteDataReader reader, int column) => raw.sqlite3_column_type(reader.Handle, column);
}
