using System.Diagnostics;
using Akka.Actor;
using Akka.Event;
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
    private readonly History<TState, TEvent> _history;
    private readonly Answers<TCommand, TReply> _answers;
    private readonly Unproved<Decided> _unproved;
    private Decided? _deciding;

    private protected EventSourcedActor(EntityParts<TState, TCommand, TEvent, TEffect, TReply> parts)
    {
        (_parts, JournalPluginId) = (parts, parts.Journal);
        if (parts.Checkpoints is { } plugin)
            (SnapshotPluginId, Recovery) = (plugin, Recovery.Default);
        _history = new(parts.Id, parts.Initial, parts.Codec, parts.Decider.Evolve);
        _answers = new(Read, Answer);
        _unproved = new(AskForHead, Conclude, Fail);
    }

    public sealed override string PersistenceId => _parts.Id.ToString();

    public sealed override Recovery Recovery { get; } = new(SnapshotSelectionCriteria.None);

    /// <summary>The durable state.</summary>
    protected TState State => _history.State;

    protected bool IsOpen => _parts.Decider.IsOpen(_history.State);

    /// <summary>The commands in a message, each a function because the facts inside it are looked up at its decision; null for what is no command.</summary>
    protected abstract IReadOnlyList<Func<TCommand>>? Read(object message);

    /// <summary>The state that a checkpoint keeps; null for what is no checkpoint of this kind of entity.</summary>
    protected virtual TState? Restore(object checkpoint) => null;

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

    /// <summary>The journal is asked whether anybody else has written.</summary>
    protected virtual void HeadAsked()
    {
    }

    /// <summary>It has said that nobody had when it was asked.</summary>
    protected virtual void HeadProved()
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
            case SnapshotOffer { Snapshot: var checkpoint, Metadata.SequenceNr: var row } when Restore(checkpoint) is { } state:
                _history.Restore(row, state);
                break;
            case StoredEvent stored:
                _history.Replay(LastSequenceNr, stored);
                break;
            case UnrecoveredHistory unrecovered:
                _history.Break(unrecovered.Cause);
                break;
            case RecoveryCompleted:
                if (_history.Complete(LastSequenceNr))
                    Begin();
                break;
        }
    }

    private void Begin()
    {
        _parts.Quarantine.Release(_parts.Id, _history.Version);
        RunAll(_parts.Decider.Resume(_history.State));
        // What is not open was woken by a message that is about to be read.
        if (IsOpen)
            Rest();
    }

    protected sealed override void OnCommand(object message)
    {
        switch (message)
        {
            case Stop:
                Leave(Ended());
                Context.Stop(Self);
                return;
            case var _ when _history.Fault is { } fault:
                // Ends, so that the next message reads the history again: restoring a row heals the entity at once.
                _answers.Decline(Sender, message, fault, _parts.Quarantine);
                Context.Stop(Self);
                return;
            case RecoverySuccess head when head.HighestSequenceNr > LastSequenceNr:
                EndWith(AppendFailedException.Contended(head.HighestSequenceNr), isUnknown: false);
                Context.Stop(Self);
                return;
            case RecoverySuccess:
                HeadProved();
                _unproved.Prove();
                break;
            case ReplayMessagesFailure failed:
                _unproved.Fail(AppendFailedException.FaultOf(AppendFailedException.OutcomeOf(failed.Cause)));
                break;
            case not Wake:
                Handle(message);
                break;
        }

        RestIfDone();
    }

    /// <summary>Decides the commands of a message in order and persists all their events at once.</summary>
    protected void Decide(IActorRef asker, object message)
    {
        if (Read(message) is not { } commands)
        {
            Unhandled(message);
            return;
        }

        Decided decided = new(asker, message, new(_history.State, _parts.Decider, _parts.Keeper), Traces.StartDecision(_parts.Id.Kind, message));
        _deciding = decided;
        decided.Turn.Decide(commands);
        if (decided.Turn.Events.Count > 0)
        {
            PersistAll(_parts.Encode(decided.Turn), OnPersisted);
            return;
        }

        _deciding = null;
        if (decided.Turn.IsSilent)
            Conclude(decided);
        else
            _unproved.Add(decided);
    }

    private void AskForHead()
    {
        HeadAsked();
        Journal.Tell(new ReplayMessages(HeadQuestion.From, 0, 0, PersistenceId, Self));
    }

    private void OnPersisted(StoredEvent stored)
    {
        Decided decided = _deciding!.Value;
        if (LastSequenceNr == _history.Version + decided.Turn.Events.Count)
        {
            _deciding = null;
            _history.Advance(LastSequenceNr, decided.Turn.State);
            decided.Turn.Settle(new AppendOutcome.Appended(LastSequenceNr));
            Conclude(decided);
            RestIfDone();
        }
    }

    private void Conclude(Decided decided)
    {
        RunAll(decided.Turn.Effects);
        Answer(decided.Asker, decided.Message, decided.Turn.Verdicts);
        decided.Turn.Dispose();
        decided.Span?.Dispose();
    }

    private void RunAll(IReadOnlyList<TEffect> effects)
    {
        foreach (TEffect effect in effects)
            Run(effect);
    }

    private void RestIfDone()
    {
        if (_deciding is null && _unproved.IsEmpty)
            Rest();
    }

    protected sealed override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        (IActorRef asker, object message, Turn<TState, TCommand, TEvent, TEffect, TReply> turn, Activity? span) = _deciding!.Value;
        AppendOutcome outcome = AppendFailedException.OutcomeOf(cause);
        JournalException fault = AppendFailedException.FaultOf(outcome);
        turn.Settle(outcome);
        span?.Dispose();
        _answers.TellDurable(asker, message, turn.VerdictsWithout(fault), outcome, new(Context.System, Journal, PersistenceId, _history.Version));
        EndWith(fault, outcome is AppendOutcome.Unknown);
    }

    protected sealed override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        throw new InvalidOperationException("The journal rejected an event. Ours never does, because what follows would leave a gap.", cause);

    /// <summary>Ends, and lets an entity that still owes something be taken up again after a pause.</summary>
    private void EndWith(JournalException fault, bool isUnknown)
    {
        Leave(fault, isUnknown);
        if (IsOpen)
            Context.System.Scheduler.ScheduleTellOnce(_pauseAfterFailure, Context.Parent, new Wake(_parts.Id), ActorRefs.NoSender);
    }

    private void Leave(JournalException fault, bool isUnknown = false)
    {
        _unproved.Fail(fault);
        End(fault, isUnknown);
    }

    private void Fail(Decided decided, JournalException fault)
    {
        _answers.Fail(decided.Asker, decided.Message, fault);
        decided.Span?.Dispose();
    }

    private JournalException Ended(Exception? reason = null) =>
        new(JournalException.EntityFailedCode, $"{PersistenceId} ended before it answered.", isTransient: true, reason);

    protected sealed override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch (Exception broken)
        {
            // Not a restart: that keeps the address, and an answer of the journal to this activation would be taken for one to the next.
            Log.Error(broken, "{0} broke off.", PersistenceId);
            if (_deciding is { } brokenOff)
                Fail(brokenOff, Ended(broken));
            EndWith(Ended(broken), isUnknown: false);
            Context.Stop(Self);
            return true;
        }
    }

    protected sealed override void PostStop()
    {
        // Broken off in the middle of a decision or of its write: nobody learns what becomes of it, so the secrets in it are destroyed.
        _deciding?.Turn.Dispose();
        base.PostStop();
    }

    /// <summary>A decision, and who waits for it.</summary>
    private readonly record struct Decided(IActorRef Asker, object Message, Turn<TState, TCommand, TEvent, TEffect, TReply> Turn, Activity? Span);
}
