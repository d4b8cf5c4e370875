using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Frost;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Host.Nodes;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Trust;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host;

/// <summary>The one place that knows which adapters stand behind the ports.</summary>
internal static class Wiring
{
    /// <summary>In whose name a data directory signs: it is nobody's of a roster.</summary>
    internal const string EmbeddedParty = "embedded";

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
            DataDirectory directory = opened.Keep(DataDirectory.Hold(data));
            SigningPolicy policy = settings.OpenPolicy(opened, directory, logs);
            GroupDirectory groups = opened.Keep(
                await GroupDirectory.LoadPublicAsync(directory.Coordinator.Documents, policy, TimeProvider.System, cancellation));
            if (groups.Groups.Count == 0)
            {
                throw new DataDirectoryException(
                    "data_missing", $"{data} holds no group. Make one first: signer keygen --data {data} --participants 3 --threshold 2", isTransient: false);
            }

            JournalSystem system = JournalSystem.StartCluster(
                [.. directory.Participants.Prepend(directory.Coordinator).Select(static node => node.Name)], logs);
            opened.Push(system);
            Task<NodeStorage>[] opening = OpenAll(system, directory, settings.Storage, logs);
            NodeStorage coordinator = await OpenedAsync(opened, opening[0]);
            List<NodeStorage> nodes = [coordinator];
            List<EmbeddedParty> participants = [];
            List<DamagedNode> damaged = [];
            foreach ((NodeDirectory node, Task<NodeStorage> participant) in directory.Participants.Zip(opening.Skip(1)))
            {
                try
                {
                    NodeStorage storage = await OpenedAsync(opened, participant);
                    participants.Add(settings.PartyOf(system, storage, opened.Keep(await storage.LoadGroupsAsync(directory, policy))));
                    nodes.Add(storage);
                }
                catch (Exception fault) when (fault is JournalException or KeyProviderException or DataDirectoryException)
                {
                    // The others sign without it, and say what is wrong with it.
                    damaged.Add(new DamagedNode(node.Name, fault));
                }
            }

            RequireQuorum(groups, participants, damaged);
            EmbeddedParty coordination = settings.PartyOf(system, coordinator, groups);
            EmbeddedClusterSettings embedded = settings.Embedded.With(settings.Registry, opened.WithRegistry(settings.Registry, settings.Time, logs));
            EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
                system, embedded, coordination, participants, Entropy, settings.Time, cancellation);
            opened.Push(cluster);
            SessionKey session = BeginSession(data, settings.Time);
            started = true;
            return new RunningCluster(cluster, settings.JournalOf(coordinator), nodes, damaged, session, opened);
        }
        finally
        {
            if (!started)
            {
                await CloseAsync(opened);
            }
        }
    }

    /// <summary>The key of this life of the cluster, by the directory's own identity.</summary>
    private static SessionKey BeginSession(string data, TimeProvider time)
    {
        using IdentityKey identity = TakeIdentity(data);
        return SessionKey.Begin(EmbeddedParty, EmbeddedParty, identity, Entropy, time.GetUtcNow());
    }

    /// <summary>
    /// The identity of a data directory, which is made when it is first needed. Throws as <see cref="IdentityKey.Load"/> and <see cref="IdentityKey.Create"/>.
    /// </summary>
    internal static IdentityKey TakeIdentity(string data)
    {
        string file = IdentityFileOf(data);
        return File.Exists(file) ? IdentityKey.Load(file) : IdentityKey.Create(file, Entropy);
    }

    internal static string IdentityFileOf(string data) => Path.Combine(data, "identity.key");

    /// <summary>
    /// Makes a group in a data directory, and the nodes with their keys and journals where they are new. Throws <see cref="DataDirectoryException"/>,
    /// <see cref="KeyProviderException"/> and <see cref="JournalException"/>.
    /// </summary>
    internal static async Task<Outcome<GroupId>> CreateGroupAsync(DataDirectory directory, int threshold, int participants)
    {
        Stack<IAsyncDisposable> opened = new();
        IEnumerable<NodeDirectory> nodes = Enumerable.Range(0, participants).Select(directory.Participant).Prepend(directory.Coordinator);
        JournalSystem system = JournalSystem.StartLocal([.. nodes.Select(static node => node.Name)], NullLoggerFactory.Instance);
        opened.Push(system);
        try
        {
            return await GroupCreation.CreateAsync(directory, threshold, participants, OpenAsync, Entropy);
        }
        finally
        {
            await CloseAsync(opened);
        }

        async ValueTask<KeyKeeper> OpenAsync(NodeDirectory node)
        {
            NodeStorage storage = await NodeStorage.CreateAsync(system, directory, node);
            opened.Push(storage);
            return storage.Keeper;
        }
    }

    /// <summary>Opens a data directory for looking only, also while another process runs on it.</summary>
    internal static async Task<LookedAtCluster> LookAsync(string data, CancellationToken cancellation)
    {
        using DataDirectory directory = DataDirectory.Look(data);
        GroupDirectory groups =
            await GroupDirectory.LoadPublicAsync(directory.Coordinator.Documents, new SigningPolicy(), TimeProvider.System, cancellation);
        return new LookedAtCluster(directory, groups);
    }

    internal static async ValueTask CloseAsync(Stack<IAsyncDisposable> opened)
    {
        while (opened.TryPop(out IAsyncDisposable? last))
        {
            await last.DisposeAsync();
        }
    }

    /// <summary>The coordinator first, then the participants by number. Side by side, because each may have to wait for its key provider.</summary>
    private static Task<NodeStorage>[] OpenAll(JournalSystem system, DataDirectory directory, NodeStorageSettings settings, ILoggerFactory logs) =>
        [.. directory.Participants.Prepend(directory.Coordinator)
            .Select(node => Task.Run(() => NodeStorage.OpenAsync(system, directory, node, settings, logs)))];

    private static async Task<NodeStorage> OpenedAsync(Stack<IAsyncDisposable> opened, Task<NodeStorage> opening)
    {
#pragma warning disable VSTHRD003 // It runs on the thread pool, and there is no synchronization context to deadlock on.
        NodeStorage storage = await opening;
#pragma warning restore VSTHRD003
        opened.Push(storage);
        return storage;
    }

    /// <summary>Some group must be able to sign; where none is, the first damage is why.</summary>
    private static void RequireQuorum(GroupDirectory groups, List<EmbeddedParty> participants, List<DamagedNode> damaged)
    {
        bool canSign = groups.Groups.Any(group => participants.Sum(party => party.Groups.StandingOf(group.Id).HeldSeats.Count) >= group.Group.Threshold);
        if (!canSign && damaged.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(damaged[0].Fault);
        }
    }
}

/// <summary>A cluster in this process with everything that it stands on. Disposing stops it, then closes the journals, then releases the directory.</summary>
internal sealed class RunningCluster(
    EmbeddedCluster cluster,
    IJournal coordinatorJournal,
    IReadOnlyList<NodeStorage> nodes,
    IReadOnlyList<DamagedNode> damaged,
    SessionKey session,
    Stack<IAsyncDisposable> opened) : IAsyncDisposable
{
    internal EmbeddedCluster Cluster => cluster;

    internal IJournal CoordinatorJournal => coordinatorJournal;

    /// <summary>Signs results for as long as the process lives.</summary>
    internal SessionKey Session => session;

    /// <summary>The coordinator first, then the participants by number, without those that are damaged.</summary>
    internal IReadOnlyList<NodeStorage> Nodes => nodes;

    /// <summary>Participants that could not be started.</summary>
    internal IReadOnlyList<DamagedNode> Damaged => damaged;

    /// <summary>Says which participants are missing, and why.</summary>
    internal void Warn(Terminal terminal)
    {
        foreach (DamagedNode node in damaged)
        {
            terminal.Remark($"{node.Name} takes no part: {node.Fault.Message}");
        }
    }

    /// <summary>The cluster as the HTTP API serves it.</summary>
    internal ServedNode Served
    {
        get
        {
            KeptJournal[] journals = [.. nodes.Select(static node => node.Kept)];
            return new ServedNode(cluster.Groups, journals, new EmbeddedReadiness(cluster, coordinatorJournal, journals, damaged, TimeProvider.System))
            {
                Sessions = new ServedSessions(cluster.Desk, coordinatorJournal),
                Guardians = cluster.Guardians,
                Jobs = cluster.Jobs,
                Session = session,
                NoncesHeld = () => cluster.Participants.Sum(static participant => participant.NoncesHeld),
            };
        }
    }

    public ValueTask DisposeAsync() => Wiring.CloseAsync(opened);
}

/// <summary>A node that could not be started, and why.</summary>
internal sealed record DamagedNode(string Name, Exception Fault);

/// <summary>A data directory opened for looking. The journal, and the key that it needs, are not fetched before somebody asks for them.</summary>
internal sealed class LookedAtCluster(DataDirectory directory, GroupDirectory groups) : IAsyncDisposable
{
    private readonly Dictionary<string, NodeStorage> _opened = new(StringComparer.Ordinal);

    internal GroupDirectory Groups => groups;

    internal IReadOnlyList<NodeDirectory> Participants => directory.Participants;

    /// <summary>The coordinator's journal; null while there is no group. Throws <see cref="JournalException"/> when it was lost.</summary>
    internal ValueTask<IJournal?> OpenJournalAsync() => OpenJournalAsync(directory.Coordinator);

    /// <summary>A node's journal; null where none was made yet. Throws <see cref="JournalException"/> when it was lost.</summary>
    internal async ValueTask<IJournal?> OpenJournalAsync(NodeDirectory node)
    {
        if (!_opened.ContainsKey(node.Name) && NodeJournal.IsThere(node))
        {
            _opened[node.Name] = await NodeStorage.LookAsync(directory, node, NullLoggerFactory.Instance);
        }

        return _opened.GetValueOrDefault(node.Name)?.Keeper.Journal;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NodeStorage storage in _opened.Values)
        {
            await storage.DisposeAsync();
        }

        groups.Dispose();
    }
}
