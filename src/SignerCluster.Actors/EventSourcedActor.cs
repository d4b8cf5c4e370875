using Akka.Actor;
using Akka.Persistence;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>
/// The one shell of every entity: recover, decide, persist, evolve, run effects, reply. State changes only through a persisted event, and nothing leaves before
/// the last event of its decision is durable (S1). What is answered without an event is answered after the journal said that nobody else has written (D8). A
/// write that fails ends the activation: the asker learns the outcome, and the next recovery what is true. A history that cannot be read is answered for and
/// never used (S2).
/// </summary>
public abstract class EventSourcedActor<TState, TCommand, TEvent, TEffect, TReply> : UntypedPersistentActor
    where TState : class
    where TEvent : class
{
    private static readonly TimeSpan _pauseAfterFailure = TimeSpan.FromMilliseconds(500);
    private readonly EntityParts<TState, TCommand, TEvent, TEffect, TReply> _parts;
    private readonly Unproved<Decided> _unproved;
    private Exception? _unrecovered;
    private Decided? _deciding;
    private long _version;

    private protected EventSourcedActor(EntityParts<TState, TCommand, TEvent, TEffect, TReply> parts)
    {
        (_parts, State, JournalPluginId) = (parts, parts.Initial, parts.Journal);
        _unproved = new(() => Journal.Tell(new ReplayMessages(HeadQuestion.From, 0, 0, PersistenceId, Self)));
    }

    public sealed override string PersistenceId => _parts.Id.ToString();

    public sealed override Recovery Recovery { get; } = new(SnapshotSelectionCriteria.None);

    /// <summary>Durable.</summary>
    protected TState State { get; private set; }

    protected bool IsOpen => _parts.Decider.IsOpen(State);

    /// <summary>The commands in a message, each a function because the facts inside it are looked up at its decision; null for what is no command.</summary>
    protected abstract IReadOnlyList<Func<TCommand>>? Read(object message);

    /// <summary>Does what a durable decision owes the world; must not fail.</summary>
    protected abstract void Run(TEffect effect);

    /// <summary>Tells the asker what became of each command of its message. Called also when the activation has ended: sends, and does nothing else.</summary>
    protected abstract void Answer(IActorRef asker, object message, IReadOnlyList<Verdict<TReply>> verdicts);

    /// <summary>Takes a message of the entity's own kinds.</summary>
    protected virtual void Handle(object message) => Decide(Sender, message);

    /// <summary>The history is read, or a message is done with, and nothing is in progress.</summary>
    protected virtual void Rest()
    {
    }

    /// <summary>The activation ends. After an unknown outcome nothing that it held may outlive it (S6).</summary>
    protected virtual void End(JournalException fault, bool isUnknown)
    {
    }

    protected sealed override void OnRecover(object message)
    {
        switch (message)
        {
            case StoredEvent stored when _unrecovered is null:
                Replay(stored);
                break;
            case UnrecoveredHistory history:
                _unrecovered ??= history.Cause;
                break;
            case RecoveryCompleted:
                Begin();
                break;
        }
    }

    protected sealed override void OnCommand(object message)
    {
        switch (message)
        {
            case Stop:
                Leave(Ended());
                Context.Stop(Self);
                break;
            case var _ when _unrecovered is not null:
                Decline(message, _unrecovered);
                break;
            case RecoverySuccess head when head.HighestSequenceNr > LastSequenceNr:
                EndWith(AppendFailedException.Contended(head.HighestSequenceNr), isUnknown: false);
                Context.Stop(Self);
                break;
            default:
                Take(message);
                RestIfDone();
                break;
        }
    }

    /// <summary>Decides the commands of a message in order and persists all their events at once.</summary>
    protected void Decide(IActorRef asker, object message)
    {
        if (Read(message) is not { } commands)
        {
            Unhandled(message);
            return;
        }

        Decided decided = new(asker, message, new(State, _parts.Decider, _parts.Keeper));
        _deciding = decided;
        decided.Turn.Decide(commands);
        if (decided.Turn.Events.Count > 0)
        {
            PersistAll(_parts.Encode(decided.Turn), OnPersisted);
            return;
        }

        _deciding = null;
        if (decided.Turn.IsSilent)
        {
            Conclude(decided);
        }
        else
        {
            _unproved.Add(decided);
        }
    }

    protected sealed override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Decided failed = _deciding!.Value;
        AppendOutcome outcome = AppendFailedException.OutcomeOf(cause);
        JournalException fault = AppendFailedException.FaultOf(outcome);
        failed.Turn.Settle(outcome);
        AnswerFailed(failed, fault, outcome);
        EndWith(fault, outcome is AppendOutcome.Unknown);
    }

    protected sealed override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        throw new InvalidOperationException("The journal rejected an event. Ours never does, because what follows would leave a gap.", cause);

    protected sealed override void PreRestart(Exception reason, object message)
    {
        // A broken invariant: whoever asked is told, and the journal is read again.
        if (_deciding is { } brokenOff)
        {
            AnswerAll(brokenOff.Asker, brokenOff.Message, new Verdict<TReply>.Failed(Ended(reason)));
        }

        Leave(Ended(reason));
        base.PreRestart(reason, message);
    }

    protected sealed override void PostStop()
    {
        // Broken off in the middle of a decision or of its write: nobody learns what becomes of it, so the secrets in it are destroyed.
        _deciding?.Turn.Dispose();
        base.PostStop();
    }

    private void Replay(StoredEvent stored)
    {
        try
        {
            State = LastSequenceNr == _version + 1
                ? _parts.Codec.Replay(_parts.Id, LastSequenceNr, stored.Manifest, stored.Message.Span, State, _parts.Decider.Evolve)
                : throw UnreadableHistoryException.Missing(_parts.Id, _version + 1);
            _version = LastSequenceNr;
        }
        catch (UnreadableHistoryException unreadable)
        {
            _unrecovered = unreadable;
        }
    }

    private void Begin()
    {
        _unrecovered ??= LastSequenceNr == _version ? null : UnreadableHistoryException.Missing(_parts.Id, _version + 1);
        if (_unrecovered is null)
        {
            _parts.Quarantine.Release(_parts.Id, _version);
            RunAll(_parts.Decider.Resume(State));
            // What is not open was woken by a message that is about to be read.
            if (IsOpen)
            {
                Rest();
            }
        }
    }

    private void Take(object message)
    {
        switch (message)
        {
            case RecoverySuccess:
                _unproved.TakeProved().ForEach(Conclude);
                break;
            case ReplayMessagesFailure failed:
                FailUnproved(AppendFailedException.FaultOf(AppendFailedException.OutcomeOf(failed.Cause)));
                break;
            case not Wake:
                Handle(message);
                break;
        }
    }

    private void RestIfDone()
    {
        if (_deciding is null && _unproved.IsEmpty)
        {
            Rest();
        }
    }

    private void OnPersisted(StoredEvent stored)
    {
        Decided decided = _deciding!.Value;
        if (LastSequenceNr == _version + decided.Turn.Events.Count)
        {
            (_deciding, _version, State) = (null, LastSequenceNr, decided.Turn.State);
            decided.Turn.Settle(new AppendOutcome.Appended(_version));
            Conclude(decided);
            RestIfDone();
        }
    }

    private void Conclude(Decided decided)
    {
        RunAll(decided.Turn.Effects);
        Answer(decided.Asker, decided.Message, decided.Turn.Verdicts);
        decided.Turn.Dispose();
    }

    /// <summary>What was durable before the write is still answered (D1), if this activation's word on it is good.</summary>
    private void AnswerFailed(Decided failed, JournalException fault, AppendOutcome outcome)
    {
        IReadOnlyList<Verdict<TReply>> verdicts = failed.Turn.VerdictsWithout(fault);
        if (outcome is not AppendOutcome.NotWritten || verdicts[0] is Verdict<TReply>.Failed)
        {
            AnswerAll(failed.Asker, failed.Message, new Verdict<TReply>.Failed(fault));
            return;
        }

        long version = _version;
        HeadProof.Ask(Context.System, Journal, PersistenceId, head =>
            Answer(failed.Asker, failed.Message, head == version ? verdicts : [.. verdicts.Select(_ => new Verdict<TReply>.Failed(fault))]));
    }

    /// <summary>Ends, and lets an entity that still owes something be taken up again after a pause.</summary>
    private void EndWith(JournalException fault, bool isUnknown)
    {
        Leave(fault, isUnknown);
        if (IsOpen)
        {
            Context.System.Scheduler.ScheduleTellOnce(_pauseAfterFailure, Context.Parent, new Wake(_parts.Id), ActorRefs.NoSender);
        }
    }

    private void Leave(JournalException fault, bool isUnknown = false)
    {
        FailUnproved(fault);
        End(fault, isUnknown);
    }

    private JournalException Ended(Exception? reason = null) =>
        new(JournalException.EntityFailedCode, $"{PersistenceId} ended before it answered.", isTransient: true, reason);

    private void FailUnproved(JournalException fault)
    {
        _unproved.TakeAll().ForEach(unproved => AnswerAll(unproved.Asker, unproved.Message, new Verdict<TReply>.Failed(fault)));
    }

    /// <summary>Says why there is no history, and ends, so that the next message reads it again: restoring a row heals the entity at once.</summary>
    private void Decline(object message, Exception cause)
    {
        AnswerAll(Sender, message, cause is UnreadableHistoryException unreadable
            ? new Verdict<TReply>.Refused(_parts.Quarantine.Admit(unreadable))
            : new Verdict<TReply>.Failed((JournalException)cause));
        Context.Stop(Self);
    }

    private void AnswerAll(IActorRef asker, object message, Verdict<TReply> verdict)
    {
        if (Read(message) is { } commands)
        {
            Answer(asker, message, [.. commands.Select(_ => verdict)]);
        }
    }

    private void RunAll(IReadOnlyList<TEffect> effects)
    {
        foreach (TEffect effect in effects)
        {
            Run(effect);
        }
    }

    /// <summary>A decision, and who waits for it.</summary>
    private readonly record struct Decided(IActorRef Asker, object Message, Turn<TState, TCommand, TEvent, TEffect, TReply> Turn);
}
