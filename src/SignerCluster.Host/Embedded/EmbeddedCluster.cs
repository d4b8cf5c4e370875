using Akka.Actor;
using Akka.Cluster;
using SignerCluster.Actors.CovenantJobs;
using SignerCluster.Actors.Guardians;
using SignerCluster.Actors.Links;
using SignerCluster.Actors.Requests;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Actors.Sharding;
using SignerCluster.Actors.Wakers;
using SignerCluster.Frost;
using SignerCluster.Host.Http;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Embedded;

/// <summary>
/// A coordinator and its participants in one process: one Akka cluster of one node, a region and a journal for each party, links in memory. Does not own
/// journals and groups: whoever made them disposes them afterwards.
/// </summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    private const string RegionName = "roast-coordinator";
    private readonly JournalSystem _system;
    private readonly EmbeddedClusterSettings _settings;
    private readonly EmbeddedParty _coordinator;
    private readonly EmbeddedParticipant[] _participants;
    private readonly IActorRef _guardians;
    private readonly TimeProvider _time;
    private readonly IActorRef _sessions;
    private readonly IActorRef? _jobs;

    private EmbeddedCluster(
        JournalSystem system,
        EmbeddedClusterSettings settings,
        EmbeddedParty coordinator,
        IReadOnlyList<EmbeddedParty> participants,
        Entropy entropy,
        TimeProvider time)
    {
        (_system, _settings, _coordinator, _time) = (system, settings, coordinator, time);
        _participants = [.. participants.Select(party => new EmbeddedParticipant(system, party, settings, entropy, time))];
        foreach (EmbeddedParticipant participant in _participants)
        {
            participant.Start();
        }

        IActorRef links = system.System.ActorOf(MemoryLinks.Props(RegionsOf), "links");
        GuardianParts guardian = new(AkkaSettings.JournalOf(coordinator.Name), coordinator.Quarantine, time)
        {
            Checkpoints = AkkaSettings.CheckpointsOf(coordinator.Name),
            Seats = links,
            SizeOf = group => coordinator.Groups.StandingOf(group).Group is { } known ? (known.Participants, known.Threshold) : default,
        };
        _guardians = EntityRegion.Start(system.System, "guardian", id => GroupGuardianActor.Props(id, guardian), system.ExpectationsOf(coordinator.Name));
        CoordinatorParts parts = new(
            AkkaSettings.JournalOf(coordinator.Name),
            settings.Interpose is { } interpose ? system.System.ActorOf(interpose(links), "interposed") : links,
            _guardians,
            coordinator.Groups.StandingOf,
            coordinator.Quarantine,
            new CoordinatorSettings { SessionExpiry = settings.SessionExpiry });
        _sessions = EntityRegion.Start(system.System, RegionName, id => RoastCoordinatorActor.Props(id, parts), system.ExpectationsOf(coordinator.Name));
        _jobs = settings.Registry is { } registry ? StartJobs(registry) : null;
        Desk = new SigningDesk(
            new SigningClient(_sessions, new SigningClientSettings(), time),
            coordinator.Groups.StandingOf,
            new SessionReader(coordinator.Journal).ReadRequestAsync);
    }

    /// <summary>Takes requests for signatures.</summary>
    internal SigningDesk Desk { get; }

    /// <summary>Takes covenant jobs; null where there is no registry.</summary>
    internal JobDesk? Jobs => _jobs is null ? null : new JobDesk(_jobs, _time);

    /// <summary>The guardians of all parties; those of a participant that is stopped give no answer.</summary>
    internal IReadOnlyList<ServedGuardians> Guardians =>
    [
        new ServedGuardians(new GuardianDesk(_guardians, _time), _coordinator.Groups, IsCoordinator: true),
        .. _participants.Where(static participant => participant.Regions is not null).Select(participant =>
            new ServedGuardians(new GuardianDesk(participant.Regions!.Guardians, _time), participant.Groups, IsCoordinator: false)),
    ];

    /// <summary>The groups as the coordinator knows them.</summary>
    internal GroupDirectory Groups => _coordinator.Groups;

    /// <summary>How many sessions were open in the coordinator's journal at start.</summary>
    internal int Resumed { get; private set; }

    /// <summary>The participants that were given, in that order.</summary>
    internal IReadOnlyList<EmbeddedParticipant> Participants => _participants;

    /// <summary>Joins the cluster of this process, starts all regions, and wakes what a stop interrupted.</summary>
    internal static async Task<EmbeddedCluster> StartAsync(
        JournalSystem system,
        EmbeddedClusterSettings settings,
        EmbeddedParty coordinator,
        IReadOnlyList<EmbeddedParty> participants,
        Entropy entropy,
        TimeProvider time,
        CancellationToken cancellation)
    {
        Cluster cluster = Cluster.Get(system.System);
        await cluster.JoinAsync(cluster.SelfAddress, cancellation);
        EmbeddedCluster started = new(system, settings, coordinator, participants, entropy, time);
        // Whoever signs a session that is open already asks no guardian of the coordinator's, so nothing else would wake it to tell the seats its chain.
        started.WakeGuardians();
        if (settings.ResumesOpenSessions)
        {
            await started.ResumeAsync(cancellation);
        }

        return started;
    }

    /// <summary>Stops a participant: its nonces are wiped, its journal stays. Until it is started again it is unreachable.</summary>
    internal Task StopParticipantAsync(int number) => _participants[number].StopAsync();

    /// <summary>Starts a participant that was stopped, over the same journal.</summary>
    internal void StartParticipant(int number) => _participants[number].Start();

    /// <summary>Lets messages in progress finish, hands the shards back, wipes all nonces. Open sessions go on at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_jobs is not null)
        {
            await _jobs.GracefulStop(_settings.StopPatience, Akka.Cluster.Sharding.GracefulShutdown.Instance);
        }

        await _sessions.GracefulStop(_settings.StopPatience, Akka.Cluster.Sharding.GracefulShutdown.Instance);
        await _guardians.GracefulStop(_settings.StopPatience, Akka.Cluster.Sharding.GracefulShutdown.Instance);
        foreach (EmbeddedParticipant participant in _participants)
        {
            await participant.StopAsync();
        }
    }

    private ParticipantRegions? RegionsOf(GroupId group, SeatId seat) =>
        Array.Find(_participants, participant => participant.Holds(group, seat))?.Regions;

    private IActorRef StartJobs(IRegistry registry)
    {
        JobParts parts = new(
            AkkaSettings.JournalOf(_coordinator.Name), _sessions, _coordinator.Groups.StandingOf, registry, _coordinator.Quarantine, _time)
        {
            Decisions = () => _jobs!,
            DecisionKey = _settings.DecisionKey?.ToBytes(),
        };
        return EntityRegion.Start(_system.System, "covenant-job", parts.PropsOf, _system.ExpectationsOf(_coordinator.Name));
    }

    private void WakeGuardians() => _system.System.ActorOf(
        WakerActor.Props(new WakerParts(() => ListOpen(_coordinator.Journal, EntityKind.Guardian), _guardians, _settings.Waker)), "guardian-waker");

    private async Task ResumeAsync(CancellationToken cancellation)
    {
        await foreach (OpenEntity _ in _coordinator.Journal.ListOpenAsync(EntityKind.RoastCoordinator, cancellation))
        {
            Resumed++;
        }

        _system.System.ActorOf(
            WakerActor.Props(new WakerParts(() => ListOpen(_coordinator.Journal, EntityKind.RoastCoordinator), _sessions, _settings.Waker)), "waker");
        if (_jobs is not null)
        {
            _system.System.ActorOf(
                WakerActor.Props(new WakerParts(() => ListOpen(_coordinator.Journal, EntityKind.CovenantJob), _jobs, _settings.Waker)), "job-waker");
        }

        foreach (EmbeddedParticipant participant in _participants)
        {
            participant.StartWaker();
        }
    }

    internal static async IAsyncEnumerable<EntityId> ListOpen(IJournal journal, string kind)
    {
        await foreach ((EntityId id, _) in journal.ListOpenAsync(kind, CancellationToken.None))
        {
            yield return id;
        }
    }
}

/// <summary>One party of an embedded cluster.</summary>
/// <param name="Name">Whose plugins its entities write through.</param>
/// <param name="Journal">Its sealed journal, where open sessions are listed.</param>
internal sealed record EmbeddedParty(string Name, IJournal Journal, GroupDirectory Groups, Actors.Quarantine Quarantine);
