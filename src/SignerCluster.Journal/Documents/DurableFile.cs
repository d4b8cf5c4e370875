using System.Runtime.InteropServices;

namespace SignerCluster.Journal.Documents;

/// <summary>Creates files that are either wholly there after a crash or not at all.</summary>
public static class DurableFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes a file that must not exist yet, readable by its owner only. Contents and directory entry are on disk when it returns.
    /// Throws <see cref="DataDirectoryException"/> when it exists already or cannot be written.
    /// </summary>
    public static void Create(string path, ReadOnlySpan<byte> content) => Write(path, content, overwrite: false);

    /// <summary>Puts a file in the place of one that may exist; after a crash either the old one or the new one is there, whole.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content) => Write(path, content, overwrite: true);

    /// <summary>
    /// Gives a file another name, in place of one that may have it already. Throws <see cref="DataDirectoryException"/>; both files are whole then.
    /// </summary>
    public static void Rename(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
            SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(to))!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException("data_unwritable", $"{to} cannot be written: {fault.Message}", isTransient: true, fault);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            // Unbuffered: the content may be a key, and a buffer would be a copy that nobody zeroes.
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0 };
            using (FileStream stream = new(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
            SyncDirectory(directory);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new DataDirectoryException("data_unwritable", $"{path} cannot be written: {fault.Message}", isTransient: true, fault);
        }
    }

    /// <summary>Reads a whole file. Throws <see cref="DataDirectoryException"/> when it is not there or cannot be read.</summary>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, fault);
        }
    }

    /// <summary>
    /// Reads a file that may be a secret into the caller's memory, unbuffered. Returns how many bytes there were, one more than fits being enough to
    /// tell that it is too long. Throws as <see cref="Read"/>.
    /// </summary>
    public static int ReadInto(string path, Span<byte> destination)
    {
        try
        {
            using FileStream stream = new(path, new FileStreamOptions { BufferSize = 0 });
            return stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, fault);
        }
    }

    private static DataDirectoryException Unreadable(string path, Exception fault) =>
        new("data_missing", $"{path} cannot be read: {fault.Message}", isTransient: false, fault);

    /// <summary>The name of a new file is durable only once its directory is.</summary>
    internal static void SyncDirectory(string directory)
    {
        int descriptor = Open(directory, flags: 0);
        if (descriptor < 0)
        {
            throw new IOException($"{directory} cannot be opened for syncing: errno {Marshal.GetLastPInvokeError()}.");
        }

        int synced = Fsync(descriptor);
        _ = Close(descriptor);
        if (synced != 0)
        {
            throw new IOException($"{directory} cannot be synced: errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPStr)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
