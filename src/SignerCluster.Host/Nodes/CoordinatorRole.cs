using Akka.Actor;
using SignerCluster.Actors.CovenantJobs;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Requests;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.Sharding;
using SignerCluster.Actors.Wakers;
using SignerCluster.Host.Embedded;
using SignerCluster.Host.Http;
using SignerCluster.Host.Settings;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Links;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;
using SignerCluster.Trust.Envelopes;

namespace SignerCluster.Host.Nodes;

/// <summary>A node of the coordinator: takes requests, runs its share of the sessions, and is dialled by the participants' nodes.</summary>
internal sealed class CoordinatorRole : IRunningRole
{
    private readonly OpenedRole _opened;
    private readonly LinkListener _links;

    private CoordinatorRole(OpenedRole opened, GroupDirectory groups, LinkListener links, IExchange parties, SigningDesk desk, IActorRef guardians)
    {
        Session = opened.Trust.BeginSession();
        Guardians = new ServedGuardians(new GuardianDesk(guardians, TimeProvider.System), groups, IsCoordinator: true);
        (_opened, Groups, _links, Parties) = (opened, groups, links, parties);
        Sessions = new ServedSessions(desk, opened.Storage.Keeper.Journal);
    }

    public GroupDirectory Groups { get; }

    public PartyStorage Storage => _opened.Storage;

    public PartyMember Member => _opened.Member;

    public RoleCertificates Certificates => _opened.Certificates;

    public IReadOnlyList<PeerCertificate> ExpiredPeers => _links.ExpiredPeers;

    public int NoncesHeld => 0;

    public IReadOnlyList<LinkState> Links => _links.Links;

    public ServedGuardians Guardians { get; }

    /// <summary>Signs results in this life of the node.</summary>
    internal SessionKey Session { get; }

    /// <summary>Takes covenant jobs; null where there is no registry.</summary>
    internal JobDesk? Jobs { get; private init; }

    /// <summary>What reaches every seat.</summary>
    internal IExchange Parties { get; }

    internal ServedSessions Sessions { get; }

    /// <summary>Starts the role. Throws as <see cref="OpenedRole.OpenAsync"/>.</summary>
    internal static async Task<CoordinatorRole> StartAsync(CoordinatorRoleSettings role, NodeSettings node, ILoggerFactory logs, CancellationToken cancellation)
    {
        OpenedRole opened = await OpenedRole.OpenAsync(role, node, PartyRole.Coordinator, logs, cancellation);
        bool started = false;
        try
        {
            GroupDirectory groups =
                opened.Keep(await GroupDirectory.LoadPublicAsync(opened.Storage.Documents, opened.Policy, TimeProvider.System, cancellation));
            Hosts hosts = new(groups, opened.Trust.Self);
            LinkListener links = await LinkListener.StartAsync(
                role.LinkListen, opened.Certificate, opened.Pins, role.Links.Limits, TimeProvider.System, logs, cancellation);
            opened.Push(links);
            IExchange parties = opened.Trust.Outgoing(new LinkRoutes(links, hosts).To, hosts.Of);
            IActorRef seats = opened.Member.System.ActorOf(LinkedSeats.Props(parties), "seats");
            GuardianParts guardian = new(AkkaSettings.JournalOf(role.Party), opened.Storage.Quarantine, TimeProvider.System)
            {
                Checkpoints = AkkaSettings.CheckpointsOf(role.Party),
                Seats = seats,
                SizeOf = group => groups.StandingOf(group).Group is { } known ? (known.Participants, known.Threshold) : default,
            };
            IActorRef guardians = EntityRegion.Start(
                opened.Member.System, "guardian", id => GroupGuardianActor.Props(id, guardian), opened.Member.Expectations);
            CoordinatorParts parts = new(
                AkkaSettings.JournalOf(role.Party),
                seats,
                guardians,
                groups.StandingOf,
                opened.Storage.Quarantine,
                new CoordinatorSettings { SessionExpiry = role.SessionExpiry, Seats = role.Seats });
            IActorRef region = EntityRegion.Start(
                opened.Member.System, "roast-coordinator", id => RoastCoordinatorActor.Props(id, parts), opened.Member.Expectations);
            opened.StartWaker(new WakerParts(
                () => EmbeddedCluster.ListOpen(opened.Storage.Keeper.Journal, EntityKind.RoastCoordinator), region, role.Waker, WatchesNodes: true));
            opened.StartWaker(
                new WakerParts(
                    () => EmbeddedCluster.ListOpen(opened.Storage.Keeper.Journal, EntityKind.Guardian), guardians, role.Waker, WatchesNodes: true),
                "guardian-waker");
            IActorRef? jobs = opened.OpenRegistry(role.Registry, logs) is { } registry ? StartJobs(opened, role, registry, groups, region) : null;
            opened.LeaveFirst();
            started = true;
            SigningClient client = new(region, new SigningClientSettings(), TimeProvider.System);
            SigningDesk desk = new(client, groups.StandingOf, new SessionReader(opened.Storage.Keeper.Journal).ReadRequestAsync);
            return new CoordinatorRole(opened, groups, links, parties, desk, guardians) { Jobs = jobs is null ? null : new JobDesk(jobs, TimeProvider.System) };
        }
        finally
        {
            if (!started)
            {
                await opened.DisposeAsync();
            }
        }
    }

    private static IActorRef StartJobs(OpenedRole opened, CoordinatorRoleSettings role, IRegistry registry, GroupDirectory groups, IActorRef sessions)
    {
        IActorRef? jobs = null;
        JobParts parts = new(
            AkkaSettings.JournalOf(role.Party), sessions, groups.StandingOf, registry, opened.Storage.Quarantine, TimeProvider.System)
        {
            Decisions = () => jobs!,
            DecisionKey = role.Registry?.DecisionKey?.ToBytes(),
        };
        jobs = EntityRegion.Start(opened.Member.System, "covenant-job", parts.PropsOf, opened.Member.Expectations);
        opened.StartWaker(
            new WakerParts(() => EmbeddedCluster.ListOpen(opened.Storage.Keeper.Journal, EntityKind.CovenantJob), jobs, role.Waker, WatchesNodes: true),
            "job-waker");
        return jobs;
    }

    public ValueTask DisposeAsync() => _opened.DisposeAsync();
}
