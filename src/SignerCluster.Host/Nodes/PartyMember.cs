using System.Net;
using Akka.Actor;
using Akka.Cluster;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// This process as a member of its party's Akka cluster. Disposing ends its actor system; <see cref="LeaveAsync"/> first hands over what it runs.
/// </summary>
internal sealed partial class PartyMember : IAsyncDisposable
{
    private const string Formation = "cluster formation";
    private static readonly TimeSpan _joinPatience = TimeSpan.FromSeconds(5);
    private readonly JournalSystem _journals;
    private readonly CancellationTokenSource _removed = new();
    private readonly TimeSpan _patience;
    private readonly string _party;
    private readonly ILogger _log;
    private int _isLeaving;

    private PartyMember(string party, JournalSystem journals, TimeSpan patience, ILogger log)
    {
        (_party, _journals, _patience, _log) = (party, journals, patience, log);
        Cluster = Cluster.Get(journals.System);
        Cluster.RegisterOnMemberRemoved(OnRemoved);
    }

    internal string Party => _party;

    internal ActorSystem System => _journals.System;

    internal Cluster Cluster { get; }

    /// <summary>Fires when the others have put this node out of the cluster, as they do with one that they took for dead. It must start anew.</summary>
    internal CancellationToken Removed => _removed.Token;

    /// <summary>Why this node is no full member at the moment; null when it is one.</summary>
    internal string? Fault => Cluster.SelfMember.Status == MemberStatus.Up ? null : $"cluster of {_party} (this node is {Cluster.SelfMember.Status})";

    /// <summary>
    /// Joins the party's cluster, or forms it when the database says that it has no member. Throws <see cref="JournalException"/>, a transient
    /// <c>cluster_unanswered</c> when the database knows members and none of them answers, as <see cref="PartyLocks.DemandPlaceAsync"/>, and when it is
    /// cancelled.
    /// </summary>
    /// <param name="start">Makes the actor system, once it is known that this node may join.</param>
    internal static async Task<PartyMember> JoinAsync(
        RoleSettings role, Func<JournalSystem> start, PartyStore store, PartyLocks locks, ILoggerFactory logs, CancellationToken cancellation)
    {
        // One node at a time: two that start together must not both find nobody.
        await using PostgresLock forming = await PostgresLock.TakeAsync(store.Database, Formation, TimeProvider.System, cancellation);
        await locks.DemandPlaceAsync(cancellation);
        PartyMember member = new(role.Party, start(), role.StopGrace, logs.CreateLogger<PartyMember>());
        bool hasJoined = false;
        try
        {
            Address self = member.Cluster.SelfAddress;
            Address[] others = [.. role.Nodes.All.Where(node => !node.Equals(role.Nodes.Address)).Select(node => AddressOf(self, node))];
            Address[] seeds = others.Length == 0 || await locks.AreNoneAsync(cancellation) ? [self] : others;
            if (!await member.TryJoinAsync(seeds, cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                // Their locks may be those of nodes that have just gone: whoever starts again looks again.
                throw Unanswered(role.Party, seeds);
            }

            await locks.EnterAsync(member.Cluster.SelfUniqueAddress.Uid, cancellation);
            hasJoined = true;
            return member;
        }
        finally
        {
            if (!hasJoined)
            {
                await member.DisposeAsync();
            }
        }
    }

    /// <summary>The party's key ring: one for all its nodes, wherever it runs.</summary>
    internal IKeyRing AddRing(PartyStore store) => _journals.AddSharedRing(_party, store.Journal, store.Quarantine);

    /// <summary>Lets the party's entities read and write from now on.</summary>
    internal void Open(PartyStorage storage) => _journals.Open(_party, storage.Keeper.Journal);

    internal Action<Protocol.Entities.EntityId, bool> Expectations => _journals.ExpectationsOf(_party);

    /// <summary>Runs an actor once in the party's cluster, on its oldest node.</summary>
    internal void StartSingleton(Props props, string name) => _journals.StartSingleton(props, name);

    /// <summary>Lets what is in progress finish, hands shards and singletons to other nodes, and leaves.</summary>
    internal async Task LeaveAsync()
    {
        if (Interlocked.Exchange(ref _isLeaving, 1) == 0)
        {
            Task leaving = CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
            await leaving.WaitAsync(_patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!leaving.IsCompleted)
            {
                LogNotLeft(_log, _party, _patience.TotalSeconds);
            }

            _journals.GiveUpRings();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _isLeaving, 1);
        await _journals.DisposeAsync();
        _removed.Dispose();
    }

    /// <summary>Joins whoever of them answers, or itself. False when it is no member after a while.</summary>
    private async Task<bool> TryJoinAsync(Address[] seeds, CancellationToken cancellation)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(_joinPatience);
        try
        {
            await (seeds is [var only] ? Cluster.JoinAsync(only, limited.Token) : Cluster.JoinSeedNodesAsync(seeds, limited.Token));
            return true;
        }
        catch (Exception unanswered) when (unanswered is ClusterJoinFailedException or OperationCanceledException)
        {
            return false;
        }
    }

    private static JournalException Unanswered(string party, Address[] seeds) => new(
        "cluster_unanswered",
        $"The database of {party} says that nodes of it run, but none of {string.Join(", ", seeds.Select(static seed => $"{seed.Host}:{seed.Port}"))} answered "
            + $"within {_joinPatience.TotalSeconds} s. See that they run, can be reached there, and show certificates that the roster pins.",
        isTransient: true);

    private static Address AddressOf(Address self, DnsEndPoint node) => self.WithHost(node.Host).WithPort(node.Port);

    [LoggerMessage(
        EventId = 2303,
        Level = LogLevel.Warning,
        Message = "{Party}: this node could not hand over and leave the cluster within {Seconds} seconds (stop-grace). It goes all the same.")]
    private static partial void LogNotLeft(ILogger log, string party, double seconds);

    private void OnRemoved()
    {
        if (Volatile.Read(ref _isLeaving) == 0)
        {
            _removed.Cancel();
        }
    }
}
