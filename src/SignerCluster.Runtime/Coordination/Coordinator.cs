using Microsoft.Extensions.Logging;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Runtime;

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
    private readonly Lazy<SeatMessenger> _messenger;
    private readonly SessionExpiry _expiry;

    /// <param name="engine">Looked up at first use, because the engine is made from the entities that this makes.</param>
    public Coordinator(IJournal journal, Func<GroupId, Standing> standing, Func<IEngine> engine, TimeSpan sessionExpiry, Quarantine quarantine, TimeProvider time, ILoggerFactory logs)
    {
        _journal = journal;
        _standing = standing;
        _quarantine = quarantine;
        _time = time;
        _engine = new(engine);
        _messenger = new(() => new SeatMessenger(_engine.Value, Conclusions, time, logs.CreateLogger<SeatMessenger>()));
        _expiry = new(sessionExpiry, time, id => SendAsync(id, new CoordinatorCommand.Abort(AbortReason.Expired), CancellationToken.None).AsTask());
    }

    /// <summary>Where this process waits for the end of its sessions.</summary>
    public Conclusions Conclusions { get; } = new();

    /// <summary>Makes the activation of a coordinated session.</summary>
    public IEntity Activate(EntityId id) =>
        new NotedEntity(id, new CoordinatorEntity(EntityAddress.ToCoordinator(id), _journal, _standing, effects => _messenger.Value.Run(effects), _quarantine, _time), _expiry);

    /// <summary>Wakes every session that was open when the process stopped; each asks its seats for what it is still owed. Returns how many.</summary>
    public async ValueTask<int> ResumeAsync(CancellationToken cancellation)
    {
        int woken = 0;
        await foreach ((EntityId id, _) in _journal.ListOpenAsync(CoordinatorEntity.Kind, cancellation))
        {
            await SendAsync(id, new CoordinatorCommand.Show(), cancellation);
            woken++;
        }

        return woken;
    }

    /// <summary>Sends a command to a session. Throws <see cref="EngineException"/> when it could not be delivered.</summary>
    public async ValueTask<CoordinatorAnswer> SendAsync(EntityId session, CoordinatorCommand command, CancellationToken cancellation)
    {
        byte[] request = Message.Encode(command, WireJson.Default.CoordinatorCommand);
        ReadOnlyMemory<byte> reply = await _engine.Value.AskAsync(session, request, cancellation);
        return Message.TryDecode(reply.Span, WireJson.Default.CoordinatorAnswer, out CoordinatorAnswer? answer, out Refusal? malformed)
            ? answer
            : throw new InvalidOperationException($"A coordinator answered something that is not an answer: {malformed}");
    }

    /// <summary>Lets the seats learn of the ends that were just reached, so that a stop does not leave their sessions open; waits no longer than this.</summary>
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
