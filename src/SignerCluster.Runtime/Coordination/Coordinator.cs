using Microsoft.Extensions.Logging;
using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.Coordination;

/// <summary>
/// The coordinator's side of a node: makes the entities of its sessions, carries their effects out, and wakes after a start what a stop
/// interrupted.
/// </summary>
public sealed class Coordinator : IDisposable
{
    private readonly IJournal _journal;
    private readonly Func<GroupId, Standing> _standing;
    private readonly Quarantine _quarantine;
    private readonly TimeProvider _time;
    private readonly Lazy<IEngine> _engine;
    private readonly Lazy<IEngine> _local;
    private readonly Lazy<SeatMessenger> _messenger;
    private readonly SessionExpiry _expiry;

    public Coordinator(CoordinatorParts parts)
    {
        _journal = parts.Journal;
        _standing = parts.Standing;
        _quarantine = parts.Quarantine;
        _time = parts.Time;
        _engine = new(parts.Engine);
        _local = new(parts.Local ?? parts.Engine);
        _messenger = new(
            () => new SeatMessenger(_engine.Value, _local.Value, Conclusions, parts.Settings.Seats, parts.Time, parts.Logs.CreateLogger<SeatMessenger>()));
        _expiry = new(
            parts.Settings.SessionExpiry,
            parts.Time,
            id => SendAsync(_local.Value, id, new CoordinatorCommand.Abort(AbortReason.Expired), CancellationToken.None).AsTask());
    }

    /// <summary>Where this process waits for the end of its sessions.</summary>
    public Conclusions Conclusions { get; } = new();

    /// <summary>Makes the activation of a coordinated session.</summary>
    public IEntity Activate(EntityId id) =>
        new NotedEntity(
            id,
            new CoordinatorEntity(
                EntityAddress.ToCoordinator(id), _journal, _standing, (effects, version) => _messenger.Value.Run(effects, version), _quarantine, _time),
            _expiry);

    /// <summary>Wakes every session that was open when the process stopped; each asks its seats for what it is still owed. Returns how many.</summary>
    public async ValueTask<int> ResumeAsync(CancellationToken cancellation)
    {
        int woken = 0;
        await foreach ((EntityId id, _) in _journal.ListOpenAsync(EntityKind.RoastCoordinator, cancellation))
        {
            await WakeAsync(id, cancellation);
            woken++;
        }

        return woken;
    }

    /// <summary>
    /// Asks a session where it stands, wherever it runs; one that ran nowhere asks its seats for what it is still owed. Throws <see cref="EngineException"/>.
    /// </summary>
    public async ValueTask WakeAsync(EntityId session, CancellationToken cancellation) =>
        await SendAsync(session, new CoordinatorCommand.Show(), cancellation);

    /// <summary>
    /// Wakes who waits in this process for a session that has ended on some node, by what the journal says of it; told of sessions that nobody here waits for,
    /// it does nothing. Throws <see cref="JournalException"/> and <see cref="UnreadableHistoryException"/>.
    /// </summary>
    public async ValueTask LookAgainAsync(EntityId session, CancellationToken cancellation)
    {
        CoordinatorAddress address = EntityAddress.ToCoordinator(session);
        if (!Conclusions.IsAwaited(address))
        {
            return;
        }

        (CoordinatorState state, _) = await History.LoadAsync(
            _journal, session, RoastDecider.Initial(address), RoastDecider.Decider.Evolve, RoastCodec.Events, cancellation);
        if (state is CoordinatorState.Accepted end and not CoordinatorState.Running)
        {
            Conclusions.Announce(end);
        }
    }

    /// <summary>As <see cref="LookAgainAsync"/>, for everything that is waited for here: after ends may have been missed.</summary>
    public async ValueTask LookAgainAtAllAsync(CancellationToken cancellation)
    {
        foreach (CoordinatorAddress session in Conclusions.Awaited)
        {
            await LookAgainAsync(EntityAddress.Of(session), cancellation);
        }
    }

    /// <summary>Sends a command to a session. Throws <see cref="EngineException"/> when it could not be delivered.</summary>
    public ValueTask<CoordinatorAnswer> SendAsync(EntityId session, CoordinatorCommand command, CancellationToken cancellation) =>
        SendAsync(_engine.Value, session, command, cancellation);

    private static async ValueTask<CoordinatorAnswer> SendAsync(IEngine engine, EntityId session, CoordinatorCommand command, CancellationToken cancellation)
    {
        byte[] request = Message.Encode(command, WireJson.Default.CoordinatorCommand);
        ReadOnlyMemory<byte> reply = await engine.AskAsync(session, request, cancellation);
        return Message.TryDecode(reply.Span, WireJson.Default.CoordinatorAnswer, out CoordinatorAnswer? answer, out Refusal? malformed)
            ? answer
            : throw new InvalidOperationException($"A coordinator answered something that is not an answer: {malformed}");
    }

    /// <summary>
    /// Lets the seats learn of the ends that were just reached, so that a stop does not leave their sessions open; waits no longer than this.
    /// </summary>
    public Task DrainAsync(TimeSpan patience) => _messenger.IsValueCreated ? _messenger.Value.DrainAsync(patience) : Task.CompletedTask;

    public void Dispose()
    {
        _expiry.Dispose();
        if (_messenger.IsValueCreated)
        {
            _messenger.Value.Dispose();
        }
    }
}
