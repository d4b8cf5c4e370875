using System.Globalization;
using SignerCluster.Journal.Providers;

namespace SignerCluster.Journal.Documents;

/// <summary>
/// The data of an embedded cluster, held by one process at a time. Each node keeps to its own folder, as it would on its own machine:
/// <c>coordinator/</c> with groups and journal, <c>participants/N/</c> with groups, sealed seats and journal.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    // EWOULDBLOCK on Linux and on macOS: how the runtime reports a lock that somebody else holds.
    private const int WouldBlockLinux = 11;
    private const int WouldBlockMac = 35;

    private readonly FileStream? _lock;

    private DataDirectory(string path, FileStream? @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    public NodeDirectory Coordinator => new(System.IO.Path.Combine(Path, "coordinator")) { Name = "coordinator" };

    /// <summary>Says where all nodes have their key-encryption keys from; when it is not there, each has a key file of its own.</summary>
    public string KeyProviderPath => System.IO.Path.Combine(Path, KeyProviderSettings.FileName);

    /// <summary>What may be paid from its groups; when it is not there, no rule of that kind.</summary>
    public string PolicyPath => System.IO.Path.Combine(Path, "policy.json");

    /// <summary>The document that <see cref="KeyProviderPath"/> is being replaced by, while some nodes are under the new key and others are not.</summary>
    public string NextKeyProviderPath => System.IO.Path.Combine(Path, "key-provider.next.json");

    /// <summary>The participants found, by number from 0.</summary>
    public IReadOnlyList<NodeDirectory> Participants
    {
        get
        {
            List<NodeDirectory> found = [];
            while (Directory.Exists(Participant(found.Count).Path))
            {
                found.Add(Participant(found.Count));
            }

            return found;
        }
    }

    /// <summary>
    /// Takes the directory for this process, making it if need be. Throws <see cref="DataDirectoryException"/>: <c>data_in_use</c> while another process holds
    /// it, <c>data_unwritable</c> when it cannot be written.
    /// </summary>
    public static DataDirectory Hold(string path) => Take(path, () =>
    {
        Directory.CreateDirectory(path);
        return new FileStream(LockPath(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
    });

    /// <summary>
    /// Takes a directory for this process without changing anything in it. Throws as <see cref="Hold"/> and <see cref="Look"/>. Where there is no lock file,
    /// no process can have taken the directory.
    /// </summary>
    public static DataDirectory HoldUnchanged(string path)
    {
        DataDirectory looked = Look(path);
        return File.Exists(LockPath(path)) ? Take(path, () => new FileStream(LockPath(path), FileMode.Open, FileAccess.Read, FileShare.None)) : looked;
    }

    private static string LockPath(string path) => System.IO.Path.Combine(path, "lock");

    private static DataDirectory Take(string path, Func<FileStream> @lock)
    {
        try
        {
            return new DataDirectory(path, @lock());
        }
        catch (IOException fault) when (fault.HResult is WouldBlockLinux or WouldBlockMac)
        {
            throw new DataDirectoryException(
                "data_in_use", $"{path} is in use by another process. Stop it, or talk to it with --url instead of --data.", isTransient: true, fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException("data_unwritable", $"{path} cannot be written: {fault.Message}", isTransient: false, fault);
        }
    }

    /// <summary>Opens the directory for looking only; another process may be using it. Throws <c>data_missing</c> when it is not there.</summary>
    public static DataDirectory Look(string path) =>
        Directory.Exists(path)
            ? new DataDirectory(path, null)
            : throw new DataDirectoryException(
                "data_missing", $"{path} does not exist. Make a group first: signer keygen --data {path} --participants 3 --threshold 2", isTransient: false);

    /// <summary>
    /// Gives a directory that was held another place, durably; an empty directory there gives way. It must not be used through this object afterwards. Throws
    /// <see cref="DataDirectoryException"/> (<c>data_unwritable</c>).
    /// </summary>
    public void Rename(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path);
            }

            Directory.Move(Path, path);
            DurableFile.SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException("data_unwritable", $"{Path} cannot be renamed to {path}: {fault.Message}", isTransient: true, fault);
        }
    }

    public NodeDirectory Participant(int number) =>
        new(System.IO.Path.Combine(Path, "participants", number.ToString(CultureInfo.InvariantCulture)))
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"participants-{number}"),
        };

    public void Dispose() => _lock?.Dispose();
}

/// <summary>The folder of one node.</summary>
public sealed record NodeDirectory(string Path)
{
    /// <summary>What the node is called where folders do not show: <c>coordinator</c> or <c>participants-N</c>.</summary>
    public string Name { get; init; } = "node";

    public string JournalPath => System.IO.Path.Combine(Path, "journal.db");

    /// <summary>The groups and seats in the folder.</summary>
    public DocumentFolder Documents => new(this);

    internal string GroupsPath => System.IO.Path.Combine(Path, "groups");

    internal string SeatsPath => System.IO.Path.Combine(Path, "seats");

    /// <summary>The key-encryption key of a node whose provider is <c>file</c> and names no other place.</summary>
    public string KeyPath => System.IO.Path.Combine(Path, "key-encryption.key");
}
