using Microsoft.Data.Sqlite;
using SignerCluster.Protocol.Durability;
using SQLitePCL;

namespace SignerCluster.Journal.Sqlite;

/// <summary>Gives SQLite's result codes the journal's stable names.</summary>
internal static class SqliteFault
{
    private const long SmallestUsefulSpace = 64 * 1024;

    public static JournalException Of(SqliteException fault, string path)
    {
        (string code, bool isTransient) = fault.SqliteErrorCode switch
        {
            raw.SQLITE_FULL => ("disk_full", true),
            raw.SQLITE_READONLY or raw.SQLITE_PERM => ("storage_read_only", false),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => ("storage_busy", true),
            // Opening maps the shared index, and for want of space that fails as an I/O error.
            raw.SQLITE_IOERR when IsFull(path) => ("disk_full", true),
            raw.SQLITE_IOERR => ("storage_io_error", true),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => ("storage_corrupt", false),
            // The rows contradict what the journal keeps about their entity: a row stands where its version says that there is none.
            raw.SQLITE_CONSTRAINT => ("storage_corrupt", false),
            raw.SQLITE_TOOBIG => ("message_too_large", false),
            _ => ("storage_unavailable", false),
        };
        string advice = code switch
        {
            "disk_full" => " Make room on its disk.",
            "storage_read_only" => " Make the file and its folder writable for this user, or mount their file system for writing.",
            "storage_io_error" => " Look at the disk and at the kernel's log.",
            _ => string.Empty,
        };
        return new JournalException(code, $"{path}: {fault.Message}{advice}", isTransient, fault);
    }

    private static bool IsFull(string path)
    {
        DriveInfo disk = new(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return disk.IsReady && disk.AvailableFreeSpace < SmallestUsefulSpace;
    }

    public static JournalException Stopped(string path, Exception? inner = null) =>
        new("journal_stopped", $"The journal {path} is closed.", isTransient: false, inner);

    public static JournalException Corrupt(string path, string what) =>
        new("storage_corrupt", $"{path}: {what}", isTransient: false);
}
