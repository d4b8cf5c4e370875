using System.Diagnostics;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Runtime.Engine;

/// <summary>
/// The queue of one entity and its only reader. The reader is a work item of the thread pool that exists only while there is something to do:
/// <c>_scheduled</c> is true from the letter (or passivation) that wakes it until it finds nothing left, so there are never two, and the
/// activation belongs to the reader alone. A mailbox whose activation has left and whose queue is empty retires: it takes itself off the
/// engine's map under its own lock, so a letter goes either before that into this queue or after it into a new mailbox.
/// </summary>
internal sealed class Mailbox(Mailboxes engine, EntityId id, Func<EntityId, IEntity> activate) : IThreadPoolWorkItem
{
    // A busy entity gives its thread back after so many letters, so that few busy ones cannot starve the others.
    private const int LettersPerTurn = 32;

    private readonly Lock _gate = new();
    private readonly Queue<Letter> _letters = new();
    private IEntity? _activation;
    private bool _mayLeave;
    private bool _scheduled;
    private bool _retired;
    private long _restingSince;

    private enum Step
    {
        Handle,
        Passivate,
        Rest,
    }

    public EntityId Id => id;

    /// <summary>Queues a letter and wakes the reader. Never waits.</summary>
    public PostOutcome Post(Letter letter)
    {
        lock (_gate)
        {
            if (_retired)
                return PostOutcome.Retired;
            if (_letters.Count >= engine.Settings.CapacityPerEntity)
                return PostOutcome.Full;
            _letters.Enqueue(letter);
            Wake();
            return PostOutcome.Posted;
        }
    }

    /// <summary>Lets the activation leave memory if it has been without a letter for at least <paramref name="idleAfter"/>.</summary>
    public void PassivateIfResting(TimeSpan idleAfter)
    {
        lock (_gate)
        {
            if (_scheduled || _retired || engine.Time.GetElapsedTime(_restingSince) < idleAfter)
                return;
            _mayLeave = true;
            Wake();
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = ReadLettersAsync();

    private void Wake()
    {
        if (_scheduled)
            return;
        _scheduled = true;
        engine.Enter();
        engine.Schedule(this);
    }

    private async Task ReadLettersAsync()
    {
        for (int handled = 0; handled < LettersPerTurn; handled++)
        {
            switch (Next(out Letter? letter))
            {
                case Step.Handle:
                    await HandleAsync(letter!);
                    break;
                case Step.Passivate:
                    DropActivation();
                    break;
                case Step.Rest:
                    engine.Exit();
                    return;
                default:
                    throw new UnreachableException();
            }
        }

        engine.Schedule(this);
    }

    private Step Next(out Letter? letter)
    {
        lock (_gate)
        {
            if (_letters.TryDequeue(out letter))
                return Step.Handle;
            if (_activation is not null && (_mayLeave || engine.IsStopping))
                return Step.Passivate;
            _scheduled = false;
            _restingSince = engine.Time.GetTimestamp();
            _retired = _activation is null;
            if (_retired)
                engine.Forget(this);
            return Step.Rest;
        }
    }

    private async Task HandleAsync(Letter letter)
    {
        try
        {
            _activation ??= activate(id);
            ReadOnlyMemory<byte> reply = await _activation.HandleAsync(letter.Request, engine.Stopping);
            _mayLeave = _activation.IsIdle;
            letter.Answer(reply);
        }
        catch (Exception failure)
        {
            // Whatever it was, the activation's state can no longer be trusted; only its journal can.
            letter.Fail(new EngineException("entity_failed", $"{id} failed while handling a request.", isTransient: true, failure));
            DropActivation();
        }
    }

    private void DropActivation()
    {
        IEntity? leaving = _activation;
        _activation = null;
        (leaving as IDisposable)?.Dispose();
    }
}

internal enum PostOutcome
{
    Posted,
    Full,
    Retired,
}
