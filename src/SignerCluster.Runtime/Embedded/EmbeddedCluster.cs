using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SignerCluster.Actors;
using SignerCluster.Actors.Requests;
using SignerCluster.Frost;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Coordination;
using SignerCluster.Runtime.Engine;
using SignerCluster.Runtime.Participants;

namespace SignerCluster.Runtime.Embedded;

/// <summary>
/// A coordinator and its participants in one process. Each keeps to its own journal, groups and nonces and speaks to the others in encoded
/// messages only, as it would from another machine. Does not own journals and groups: whoever made them disposes them afterwards.
/// </summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    private static readonly TimeSpan _lastWordsPatience = TimeSpan.FromSeconds(1);
    private readonly EmbeddedClusterSettings _settings;
    private readonly IReadOnlyList<ParticipantParts> _parts;
    private readonly ParticipantNode?[] _participants;
    private readonly Entropy _entropy;
    private readonly TimeProvider _time;
    private readonly Mailboxes _coordinatorMailboxes;
    private readonly Coordinator _coordinator;
    private readonly ConcurrentDictionary<(GroupId Group, SeatId Seat), int> _holders = new();

    private EmbeddedCluster(
        EmbeddedClusterSettings settings, IJournal journal, GroupDirectory groups, IReadOnlyList<ParticipantParts> parts, Quarantine quarantine, Entropy entropy, TimeProvider time, ILoggerFactory logs)
    {
        _settings = settings;
        _parts = parts;
        _entropy = entropy;
        _time = time;
        Groups = groups;
        Switchboard switchboard = new(Route);
        Engine = settings.Interpose?.Invoke(switchboard) ?? switchboard;
        _coordinator = new Coordinator(new CoordinatorParts(
            journal, groups.StandingOf, () => Engine, new CoordinatorSettings { SessionExpiry = settings.Participant.SessionExpiry }, quarantine, time, logs));
        _coordinatorMailboxes = new Mailboxes(
            settings.Mailboxes, time, new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [EntityKind.RoastCoordinator] = _coordinator.Activate });
        _participants = [.. parts.Select(part => new ParticipantNode(part, settings, () => Engine, entropy, time))];
        Desk = new SigningDesk(new SigningClient(_coordinator, time), groups.StandingOf);
    }

    /// <summary>Takes requests for signatures.</summary>
    public SigningDesk Desk { get; }

    /// <summary>The groups as the coordinator knows them.</summary>
    public GroupDirectory Groups { get; }

    /// <summary>What carries messages between the nodes.</summary>
    public IEngine Engine { get; }

    /// <summary>How many sessions were open in the coordinator's journal at start.</summary>
    public int Resumed { get; private set; }

    /// <summary>Starts all nodes and resumes what a stop interrupted.</summary>
    public static async Task<EmbeddedCluster> StartAsync(
        EmbeddedClusterSettings settings,
        IJournal journal,
        GroupDirectory groups,
        IReadOnlyList<ParticipantParts> participants,
        Quarantine quarantine,
        Entropy entropy,
        TimeProvider time,
        ILoggerFactory logs,
        CancellationToken cancellation)
    {
        EmbeddedCluster cluster = new(settings, journal, groups, participants, quarantine, entropy, time, logs);
        foreach (ParticipantNode? participant in cluster._participants)
        {
            await participant!.NoteOpenAsync(cancellation);
        }

        if (settings.ResumesOpenSessions)
        {
            cluster.Resumed = await cluster._coordinator.ResumeAsync(cancellation);
        }

        return cluster;
    }

    /// <summary>Stops a participant: its nonces are wiped, its journal stays. Until it is started again it is unreachable.</summary>
    public async Task StopParticipantAsync(int number)
    {
        if (Interlocked.Exchange(ref _participants[number], null) is { } running)
        {
            await running.DisposeAsync();
        }
    }

    /// <summary>Starts a participant that was stopped, over the same journal.</summary>
    public async Task StartParticipantAsync(int number, CancellationToken cancellation)
    {
        ParticipantNode started = new(_parts[number], _settings, () => Engine, _entropy, _time);
        await started.NoteOpenAsync(cancellation);
        if (Interlocked.CompareExchange(ref _participants[number], started, null) is not null)
        {
            await started.DisposeAsync();
            throw new InvalidOperationException($"Participant {number} is running already.");
        }
    }

    /// <summary>Stops intake, lets requests in progress finish, wipes all nonces. Open sessions resume at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _coordinator.DrainAsync(_lastWordsPatience);
        _coordinator.Dispose();
        await _coordinatorMailboxes.DisposeAsync();
        for (int number = 0; number < _participants.Length; number++)
        {
            await StopParticipantAsync(number);
        }
    }

    private IEngine? Route(EntityId id) => id.Kind switch
    {
        EntityKind.RoastCoordinator => _coordinatorMailboxes,
        EntityKind.SigningSession when Holder(EntityAddress.ToSeat(id)) is { } number and >= 0 => Volatile.Read(ref _participants[number])?.Engine,
        _ => null,
    };

    private int Holder(SeatAddress seat) => _holders.GetOrAdd((seat.Group, seat.Seat), static (held, parts) =>
    {
        int number = 0;
        while (number < parts.Count && !parts[number].Groups.StandingOf(held.Group).HeldSeats.Contains(held.Seat))
        {
            number++;
        }

        return number < parts.Count ? number : -1;
    }, _parts);
}

/// <summary>Limits of an embedded cluster.</summary>
public sealed record EmbeddedClusterSettings
{
    public MailboxSettings Mailboxes { get; init; } = new();

    public ParticipantSettings Participant { get; init; } = new();

    /// <summary>
    /// Does the start wake every open session? One that is not woken stays as it is until it is asked for or until a start that wakes it.
    /// </summary>
    public bool ResumesOpenSessions { get; init; } = true;

    /// <summary>Puts something between the nodes, such as a liar in a demonstration or a fault in a test; null for nothing.</summary>
    public Func<IEngine, IEngine>? Interpose { get; init; }
}
