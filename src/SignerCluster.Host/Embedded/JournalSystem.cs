using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Tools.Singleton;
using Akka.Hosting.Logging;
using Akka.Pattern;
using SignerCluster.Actors;
using SignerCluster.Actors.Downing;
using SignerCluster.Actors.KeyRings;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Remoting;
using SignerCluster.Host.Settings;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Persistence;
using SignerCluster.Links;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Embedded;

/// <summary>An actor system with the journals and key rings of some parties. Disposing ends it; the stores are whoever's who opened them.</summary>
internal sealed partial class JournalSystem : IAsyncDisposable
{
    private const string KeyRingName = "key-ring";
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(5);
    private readonly JournalSetup _journals;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();

    private JournalSystem(ActorSystem system, JournalSetup journals, ILogger log)
    {
        (_journals, _log) = (journals, log);
        System = system;
        System.ActorOf(LostMessages.Props(), "lost-messages");
    }

    internal ActorSystem System { get; }

    /// <summary>A system that entities can run in, as soon as it is joined.</summary>
    internal static JournalSystem StartCluster(IReadOnlyList<string> parties, ILoggerFactory logs) => Start(AkkaSettings.Embedded(parties), logs);

    /// <summary>
    /// A system that becomes a member of its party's cluster. Throws <see cref="LinkException"/>, a transient <c>listen_failed</c>, when its port is taken.
    /// </summary>
    /// <param name="peers">Tells the party's nodes by the certificates that the roster pins.</param>
    /// <param name="certificate">This node's.</param>
    internal static JournalSystem StartParty(
        RoleSettings role, Akka.Configuration.Config overrides, PinnedPeers peers, X509Certificate2 certificate, INodeLocks locks, ILoggerFactory logs)
    {
        DemandPort(role);
        return Start(AkkaSettings.Party(role.Party, role.Nodes, overrides), logs, peers.With(certificate), new NodeLocksSetup(locks));
    }

    /// <summary>A system for the key rings alone.</summary>
    internal static JournalSystem StartLocal(IReadOnlyList<string> parties, ILoggerFactory logs) => Start(AkkaSettings.Local(parties), logs);

    /// <summary>Puts a store behind a party's plugins and starts its key ring.</summary>
    internal IKeyRing AddRing(string party, IJournalStore store, Quarantine quarantine)
    {
        _journals.Add(party, new PartyJournal(store, TimeProvider.System));
        return new ActorKeyRing(System.ActorOf(RingOf(party, quarantine), $"key-ring-{party}"), _stopping.Token);
    }

    /// <summary>As <see cref="AddRing"/>, for a party whose nodes are a cluster: its ring is on one of them, and asked through whatever node.</summary>
    internal IKeyRing AddSharedRing(string party, IJournalStore store, Quarantine quarantine)
    {
        _journals.Add(party, new PartyJournal(store, TimeProvider.System));
        StartSingleton(RingOf(party, quarantine), KeyRingName);
        return new ActorKeyRing(System.ActorOf(
            ClusterSingletonProxy.Props($"/user/{KeyRingName}", ClusterSingletonProxySettings.Create(System)), $"{KeyRingName}-proxy"), _stopping.Token);
    }

    /// <summary>Runs an actor once in the whole cluster, on its oldest node.</summary>
    internal void StartSingleton(Props props, string name) =>
        System.ActorOf(ClusterSingletonManager.Props(props, Stop.Instance, ClusterSingletonManagerSettings.Create(System)), name);

    /// <summary>Lets a party's entities read and write from now on.</summary>
    internal void Open(string party, IJournal entities) => _journals.Of(party).Open(entities);

    /// <summary>Told before an entity gets a message whether its history most often begins with it.</summary>
    internal Action<EntityId, bool> ExpectationsOf(string party) => _journals.Of(party).Expect;

    /// <summary>What this system ran is handed over: from now on nobody waits for a key ring, which it cannot reach any more.</summary>
    internal void GiveUpRings() => _stopping.Cancel();

    /// <summary>
    /// Ends the actors. Returns after five seconds also when one does not end: what was answered is durable, and a process told to stop must end.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await System.Terminate().WaitAsync(_stopPatience);
        }
        catch (TimeoutException)
        {
            LogNotEnded(_log, _stopPatience.TotalSeconds);
        }

        _stopping.Dispose();
    }

    // Akka would fail too, but with a system that is half made and that nobody can end.
    private static void DemandPort(RoleSettings role)
    {
        using TcpListener probe = new(role.Nodes.Listen);
        try
        {
            probe.Start();
        }
        catch (SocketException taken)
        {
            throw new LinkException(
                LinkException.ListenFailed,
                $"{role.Nodes.Listen} (nodes.listen of {role.Party}) cannot be listened on: {taken.Message}. Stop what listens there, or name another port.",
                isTransient: true,
                taken);
        }
    }

    private static Props RingOf(string party, Quarantine quarantine) => BackoffSupervisor.Props(
        Backoff.OnStop(
                KeyRingActor.Props(AkkaSettings.RingJournalOf(party), quarantine),
                "ring",
                TimeSpan.FromMilliseconds(10),
                TimeSpan.FromSeconds(1),
                randomFactor: 0.2,
                maxNrOfRetries: -1)
            .WithFinalStopMessage(static message => message is Stop));

    private static JournalSystem Start(Akka.Configuration.Config config, ILoggerFactory logs, params IReadOnlyList<Setup> more)
    {
        JournalSetup journals = new();
        return new JournalSystem(
            ActorSystem.Create(
                    "signer", ActorSystemSetup.Create([BootstrapSetup.Create().WithConfig(config), journals, new LoggerFactorySetup(logs), .. more]))
                .WithTimerStarted(),
            journals,
            logs.CreateLogger<JournalSystem>());
    }

    [LoggerMessage(
        EventId = 2302,
        Level = LogLevel.Warning,
        Message = "Not every actor ended within {Seconds} seconds of being told to. The process ends without them.")]
    private static partial void LogNotEnded(ILogger log, double seconds);
}
