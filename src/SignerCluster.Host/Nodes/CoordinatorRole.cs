using SignerCluster.Actors.Requests;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Postgres;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.RabbitMq;
using SignerCluster.Runtime.Coordination;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// A node of the coordinator: takes requests, runs the sessions that the broker routes to it, and, while it holds the lock for it, wakes those whose node
/// went away.
/// </summary>
internal sealed class CoordinatorRole : IRunningRole
{
    private readonly Stack<IAsyncDisposable> _opened;
    private readonly RabbitMqEngine _broker;

    private CoordinatorRole(
        Stack<IAsyncDisposable> opened, PartyStorage storage, GroupDirectory groups, RabbitMqEngine broker, IEngine engine, Coordinator coordinator)
    {
        _opened = opened;
        _broker = broker;
        Storage = storage;
        Groups = groups;
        Engine = engine;
        Sessions = new ServedSessions(new SigningDesk(new MailboxSigningClient(coordinator, TimeProvider.System), groups.StandingOf), storage.Keeper.Journal);
    }

    public GroupDirectory Groups { get; }

    public PartyStorage Storage { get; }

    public int NoncesHeld => 0;

    public string? BrokerFault => _broker.Fault;

    /// <summary>What reaches every seat and every session.</summary>
    internal IEngine Engine { get; }

    internal ServedSessions Sessions { get; }

    /// <summary>Starts the role. Throws what <see cref="PartyStorage"/>, <see cref="PartyTrust"/> and <see cref="RabbitMqEngine"/> throw.</summary>
    internal static async Task<CoordinatorRole> StartAsync(CoordinatorRoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation)
    {
        Stack<IAsyncDisposable> opened = new();
        bool started = false;
        try
        {
            PartyTrust trust = opened.Keep(PartyTrust.Load(role, node, PartyRole.Coordinator, logs));
            PartyStorage storage = await PartyStorage.OpenAsync(role, node, logs, cancellation);
            opened.Push(storage);
            GroupDirectory groups = opened.Keep(await GroupDirectory.LoadPublicAsync(storage.Documents, role.Policy, cancellation));
            Hosts hosts = new(groups, trust.Self);
            IEngine? engine = null;
            Mailboxes? mailboxes = null;
            Coordinator coordinator = new(new CoordinatorParts(
                storage.Keeper.Journal,
                groups.StandingOf,
                () => engine!,
                new CoordinatorSettings { SessionExpiry = role.SessionExpiry, Seats = role.Seats },
                storage.Quarantine,
                TimeProvider.System,
                logs)
            { Local = () => mailboxes! });
            mailboxes = new Mailboxes(
                role.Mailboxes,
                TimeProvider.System,
                new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [EntityKind.RoastCoordinator] = coordinator.Activate });
            opened.Push(mailboxes);
            RabbitMqEngine broker = await RabbitMqEngine.StartAsync(
                Adapters.ToRabbitMq(role, node.Name),
                new BrokerRoutes(id => hosts.Of(id)?.ToString(), [.. hosts.All.Select(static party => party.ToString())])
                {
                    GroupOf = id => GroupOf(id, node.Name),
                },
                new Unready(trust.Incoming(mailboxes, static (_, _) => true), () => engine is not null),
                TimeProvider.System,
                logs,
                cancellation);
            opened.Push(broker);
            engine = trust.Outgoing(broker, hosts.Of);
            opened.Push(new Drained(coordinator));
            opened.Push(Listen(storage.Database, coordinator, logs));
            opened.Push(Chore.Start(
                "The sweep for sessions whose node went away",
                TimeSpan.FromSeconds(1),
                stopping => SweepAsync(storage, coordinator, role.Sweep, logs, stopping),
                logs));
            started = true;
            return new CoordinatorRole(opened, storage, groups, broker, engine, coordinator);
        }
        finally
        {
            if (!started)
            {
                await Wiring.CloseAsync(opened);
            }
        }
    }

    public ValueTask DisposeAsync() => Wiring.CloseAsync(_opened);

    /// <summary>
    /// Everything that this node asks of a party's seats goes to one node of that party, so that what it asks at the same moment travels together. A session
    /// runs on one coordinator's node, so its seats stay where they are; when another takes it over, they may move, and a seat that moved has lost its nonces
    /// as after a restart.
    /// </summary>
    private static string GroupOf(EntityId id, string node) => id.Kind == EntityKind.SigningSession ? node : id.ToString();

    /// <summary>Sessions end on whichever node runs them; those who wait on this one learn of it from the database.</summary>
    private static ClosedEntities Listen(PostgresDatabase database, Coordinator coordinator, ILoggerFactory logs)
    {
        return new ClosedEntities(
            database,
            id => _ = id.Kind == EntityKind.RoastCoordinator ? QuietlyAsync(() => coordinator.LookAgainAsync(id, CancellationToken.None)) : Task.CompletedTask,
            () => _ = QuietlyAsync(() => coordinator.LookAgainAtAllAsync(CancellationToken.None)),
            TimeProvider.System,
            logs.CreateLogger<ClosedEntities>());

        // Who waits and was not told asks again when its wait is over.
        static async Task QuietlyAsync(Func<ValueTask> look)
        {
            try
            {
                await look();
            }
            catch (Exception fault) when (fault is JournalException or UnreadableHistoryException)
            {
            }
        }
    }

    /// <summary>
    /// Waits for the lock that one node of the party holds at a time, and looks for as long as it has it, in a hurry whenever another that waits for it went
    /// away.
    /// </summary>
    private static async Task SweepAsync(PartyStorage storage, Coordinator coordinator, SweepSettings settings, ILoggerFactory logs, CancellationToken stopping)
    {
        Sweep sweep = new(
            storage.Keeper.Journal,
            EntityKind.RoastCoordinator,
            coordinator.WakeAsync,
            settings,
            TimeProvider.System,
            logs.CreateLogger<Sweep>());
        await using PostgresLock held = await PostgresLock.TakeAsync(storage.Database, "sweep/roast", sweep.Hurry, TimeProvider.System, stopping);
        using CancellationTokenSource holding = CancellationTokenSource.CreateLinkedTokenSource(stopping, held.Lost);
        await sweep.RunAsync(holding.Token);
    }

    /// <summary>Requests that arrive before the node can ask others are sent to it again.</summary>
    private sealed class Unready(IEngine engine, Func<bool> isReady) : IEngine
    {
        public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
            isReady() ? engine.AskAsync(to, request, cancellation) : throw new EngineException("overloaded", "The node is starting.", isTransient: true);
    }

    /// <summary>Lets the seats learn of the ends that were just reached, then asks nothing more.</summary>
    private sealed class Drained(Coordinator coordinator) : IAsyncDisposable
    {
        private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

        public async ValueTask DisposeAsync()
        {
            await coordinator.DrainAsync(_patience);
            coordinator.Dispose();
        }
    }
}
