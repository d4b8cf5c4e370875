using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using SignerCluster.Actors.Downing;
using SignerCluster.Conformance;
using SignerCluster.Journal.Postgres;

namespace SignerCluster.Postgres.Tests.Failover;

/// <summary>A node of a party on <c>hocon/akka-party.conf</c> as it is shipped, but without TLS, with its lock at a real server.</summary>
internal sealed class PartyNode : IAsyncDisposable
{
    // The version is otherwise that of the program, and a test's is another one than that of its nodes: shards go to the newest only.
    private const string Loopback = """
        akka.loggers = []
        akka.cluster.app-version = "1.0"
        akka.remote.dot-netty.tcp {
          transport-class = "Akka.Remote.Transport.DotNetty.TcpTransport, Akka.Remote"
          enable-ssl = off
          hostname = "127.0.0.1"
          port = 0
        }
        """;

    private readonly PostgresDatabase _database;
    private readonly Locks _locks;
    private readonly ActorSystem _system;

    private PartyNode(PostgresDatabase database, Locks locks, ActorSystem system)
    {
        (_database, _locks, _system) = (database, locks, system);
        Region = Places.Start(system);
    }

    public IActorRef Region { get; }

    public Cluster Cluster => Cluster.Get(_system);

    /// <summary>Ends when the node is no member any more, however that came.</summary>
    public Task HasEndedAsync() => _system.WhenTerminated.WaitAsync(CancellationToken.None);

    /// <param name="seed">The node to join; null for the first one.</param>
    public static async Task<PartyNode> StartAsync(PostgresSettings settings, Address? seed)
    {
        PostgresDatabase database = PostgresDatabase.Create(settings);
        var locks = new Locks(new NodeLocks(database));
        Config config = ConfigurationFactory.ParseString(Loopback)
            .WithFallback(await ReadAsync("akka-party.conf"))
            .WithFallback(await ReadAsync("akka.conf"))
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig());
        ActorSystemSetup setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new NodeLocksSetup(locks));
        ActorSystem system = ActorSystem.Create("signer", setup);
        Cluster cluster = Cluster.Get(system);
        cluster.RegisterOnMemberRemoved(() => _ = system.Terminate());
        await cluster.JoinAsync(seed ?? cluster.SelfAddress);
        return new PartyNode(database, locks, system);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        await _locks.Held.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static async Task<Config> ReadAsync(string file) =>
        ConfigurationFactory.ParseString(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "hocon", file)));

    private sealed class Locks(NodeLocks held) : INodeLocks
    {
        public NodeLocks Held => held;

        public async ValueTask<NodeLocksView> LookAsync(int own, CancellationToken cancellation)
        {
            HeldNodeLocks found = await held.LookAsync(own, cancellation);
            return new NodeLocksView(found.Connection, found.HoldsOwn, found.Nodes);
        }
    }
}
