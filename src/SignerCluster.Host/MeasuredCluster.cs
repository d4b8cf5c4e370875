using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors.Requests;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host;

/// <summary>How the cluster of a measurement keeps its journals.</summary>
/// <param name="InMemory">In memory instead of SQLite.</param>
/// <param name="Unsealed">As plain text, to see what sealing costs.</param>
public sealed record MeasuredJournals(bool InMemory, bool Unsealed);

/// <summary>
/// A cluster in this process with one new group, as a measurement needs it: it signs bare messages. Disposing stops it and leaves the directory.
/// </summary>
public sealed class MeasuredCluster : IAsyncDisposable
{
    private readonly RunningCluster _running;
    private readonly ClusterSettings _settings;
    private readonly GroupId _group;

    private MeasuredCluster(RunningCluster running, ClusterSettings settings, GroupId group) => (_running, _settings, _group) = (running, settings, group);

    /// <summary>Makes the group in a new directory, and starts its cluster.</summary>
    public static async Task<MeasuredCluster> StartAsync(
        string data, int threshold, int participants, MeasuredJournals journals, CancellationToken cancellation)
    {
        GroupId group;
        using (DataDirectory directory = DataDirectory.Hold(data))
        {
            group = (await Wiring.CreateGroupAsync(directory, threshold, participants)).Value;
        }

        ClusterSettings settings = new()
        {
            Policy = new SigningPolicy { AllowRaw = true },
            Storage = new NodeStorageSettings { InMemory = journals.InMemory },
            Unsealed = journals.Unsealed,
        };
        return new MeasuredCluster(await Wiring.StartAsync(data, settings, NullLoggerFactory.Instance, cancellation), settings, group);
    }

    /// <summary>Signs a message as the group, and returns how that ended; within the given time.</summary>
    public Task<SigningReport> SignAsync(SessionId session, Bytes32 message, TimeSpan patience, CancellationToken cancellation) =>
        _running.Cluster.Desk.SignMessageAsync(_group, session, message, patience, cancellation);

    /// <summary>Rotates the key of every node. Returns how many there are.</summary>
    public async Task<int> RotateAsync()
    {
        await Task.WhenAll(_running.Nodes.Select(static node => node.Keeper.RotateAsync(CancellationToken.None).AsTask()));
        return _running.Nodes.Count;
    }

    /// <summary>What the coordinator's journal says of a session; null for nothing. Throws <see cref="UnreadableHistoryException"/>.</summary>
    public async Task<SessionView?> ReadAsync(SessionId session, CancellationToken cancellation) =>
        await new SessionReader(_running.CoordinatorJournal).ReadAsync(new CoordinatorAddress(_group, session), cancellation);

    /// <summary>Reads every history of every seat back. Returns how many there are. Throws <see cref="UnreadableHistoryException"/>.</summary>
    public async Task<long> ReadSeatsAsync(CancellationToken cancellation)
    {
        long histories = 0;
        foreach (IJournal journal in _running.Nodes.Select(_settings.JournalOf))
        {
            await foreach (EntityId seat in journal.ListAsync(EntityKind.SigningSession, cancellation))
            {
                await journal.ReadAsync(seat, 0, cancellation);
                histories++;
            }
        }

        return histories;
    }

    public ValueTask DisposeAsync() => _running.DisposeAsync();
}
