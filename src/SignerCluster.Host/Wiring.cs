using System.Security.Cryptography;
using SignerCluster.Runtime;
using SignerCluster.Sqlite;

namespace SignerCluster.Host;

/// <summary>The one place that knows which adapters stand behind the ports.</summary>
internal static class Wiring
{
    internal static Entropy Entropy => RandomNumberGenerator.Fill;

    /// <summary>
    /// Takes the data directory for this process and starts the cluster in it. Throws <see cref="DataDirectoryException"/> (<c>data_missing</c> when no
    /// group was made there yet) and <see cref="JournalException"/>; whatever was opened before is closed again.
    /// </summary>
    internal static async Task<RunningCluster> StartAsync(string data, ClusterSettings settings, ILoggerFactory logs, CancellationToken cancellation)
    {
        DataDirectory.Look(data).Dispose();
        Stack<IAsyncDisposable> opened = new();
        bool started = false;
        try
        {
            DataDirectory directory = Keep(opened, DataDirectory.Hold(data));
            GroupDirectory groups = Keep(opened, GroupDirectory.Load(directory.Coordinator, settings.Policy));
            if (groups.Groups.Count == 0)
            {
                throw new DataDirectoryException(
                    "data_missing", $"{data} holds no group. Make one first: signer keygen --data {data} --participants 3 --threshold 2", isTransient: false);
            }

            IJournal journal = OpenJournal(opened, directory.Coordinator, settings);
            ParticipantParts[] participants = [.. directory.Participants.Select(node => new ParticipantParts(
                OpenJournal(opened, node, settings), Keep(opened, GroupDirectory.Load(node, settings.Policy))))];
            EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
                settings.Embedded, journal, groups, participants, Entropy, TimeProvider.System, logs, cancellation);
            opened.Push(cluster);
            started = true;
            return new RunningCluster(cluster, journal, opened);
        }
        finally
        {
            if (!started)
            {
                await CloseAsync(opened);
            }
        }
    }

    /// <summary>Opens a data directory for looking only, also while another process runs on it.</summary>
    internal static LookedAtCluster Look(string data)
    {
        using DataDirectory directory = DataDirectory.Look(data);
        GroupDirectory groups = GroupDirectory.Load(directory.Coordinator, new SigningPolicy());
        string path = directory.Coordinator.JournalPath;
        return new LookedAtCluster(groups, File.Exists(path) ? SqliteJournal.OpenReadOnly(path) : null);
    }

    internal static async ValueTask CloseAsync(Stack<IAsyncDisposable> opened)
    {
        while (opened.TryPop(out IAsyncDisposable? last))
        {
            await last.DisposeAsync();
        }
    }

    private static IJournal OpenJournal(Stack<IAsyncDisposable> opened, NodeDirectory node, ClusterSettings settings)
    {
        if (settings.InMemory)
        {
            return new MemoryJournal();
        }

        SqliteJournal journal = SqliteJournal.Open(node.JournalPath);
        opened.Push(journal);
        return journal;
    }

    private static T Keep<T>(Stack<IAsyncDisposable> opened, T disposable)
        where T : IDisposable
    {
        opened.Push(new Synchronous(disposable));
        return disposable;
    }

    private sealed class Synchronous(IDisposable disposable) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            disposable.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>What a verb may choose about the cluster that it starts.</summary>
internal sealed record ClusterSettings
{
    public SigningPolicy Policy { get; init; } = new();

    /// <summary>Journals in memory, for measuring only: nothing survives the process.</summary>
    public bool InMemory { get; init; }

    public EmbeddedClusterSettings Embedded { get; init; } = new();
}

/// <summary>A cluster in this process with everything that it stands on. Disposing stops it, then closes the journals, then releases the directory.</summary>
internal sealed class RunningCluster(EmbeddedCluster cluster, IJournal coordinatorJournal, Stack<IAsyncDisposable> opened) : IAsyncDisposable
{
    internal EmbeddedCluster Cluster => cluster;

    internal IJournal CoordinatorJournal => coordinatorJournal;

    public ValueTask DisposeAsync() => Wiring.CloseAsync(opened);
}

/// <summary>A data directory opened for looking. <see cref="Journal"/> is null while nothing was ever signed.</summary>
internal sealed class LookedAtCluster(GroupDirectory groups, SqliteJournal? journal) : IAsyncDisposable
{
    internal GroupDirectory Groups => groups;

    internal IJournal? Journal => journal;

    public async ValueTask DisposeAsync()
    {
        if (journal is not null)
        {
            await journal.DisposeAsync();
        }

        groups.Dispose();
    }
}
