using SignerCluster.Protocol.Durability;

namespace SignerCluster.Journal.Sqlite;

/// <summary>
/// Keeps a second writer off a journal: an exclusive lock on a file beside it, released by the kernel when the process dies. Beside it and
/// not on it, because closing any other handle on the database would drop SQLite's own locks. The file stays: deleting it would let two
/// processes each lock a file of that name.
/// </summary>
internal sealed class JournalLock : IDisposable
{
    // EWOULDBLOCK on Linux and on macOS: how the runtime reports a lock that somebody else holds.
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private readonly FileStream _file;

    private JournalLock(FileStream file) => _file = file;

    public static JournalLock Acquire(string journalPath) => new(OpenPrivate(journalPath + ".lock", FileMode.OpenOrCreate, journalPath));

    /// <summary>Makes an empty database that only its owner can read; SQLite gives its side files the same mode. Only while the lock is held.</summary>
    public static void CreateIfAbsent(string journalPath)
    {
        if (!Path.Exists(journalPath))
            OpenPrivate(journalPath, FileMode.CreateNew, journalPath).Dispose();
    }

    public void Dispose() => _file.Dispose();

    private static FileStream OpenPrivate(string path, FileMode mode, string journalPath)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException e) when (e.HResult is WouldBlockLinux or WouldBlockMac)
        {
            throw new JournalException("journal_in_use", $"The journal {journalPath} is in use by another process (it holds {path}).", isTransient: false, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new JournalException("storage_read_only", $"The journal {journalPath} cannot be written: {e.Message}", isTransient: false, e);
        }
        catch (IOException e)
        {
            throw new JournalException("storage_unavailable", $"The journal {journalPath} cannot be opened: {e.Message}", isTransient: false, e);
        }
    }
}
