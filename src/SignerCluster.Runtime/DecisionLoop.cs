using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>
/// Load, decide, append durably, evolve, run effects, reply: the one loop of every entity, and the only caller of
/// <see cref="IJournal.AppendAsync"/>. State changes only through an appended event, so memory cannot drift from the journal: a failed
/// append leaves the entity as it was, and an unknown one makes it forget what it knew and read again.
/// Used by one mailbox, so by one reader at a time.
/// </summary>
internal sealed class DecisionLoop<TState, TCommand, TEvent, TEffect, TReply>(
    EntityId id,
    TState initial,
    Decider<TState, TCommand, TEvent, TEffect, TReply> decider,
    EventCodec<TEvent> codec,
    IJournal journal,
    ISecretKeeper<TCommand> keeper,
    Action<IReadOnlyList<TEffect>> run,
    TimeProvider time)
    where TState : class
    where TEvent : class
{
    /// <summary>How often a lost race is decided again before the asker is told to come back.</summary>
    private const int MaximumTries = 5;
    private readonly Guid _writer = Guid.NewGuid();
    private TState? _state;
    private long _version;

    /// <summary>Does the entity still owe anything? True until it was loaded.</summary>
    internal bool IsOpen => _state is null || decider.IsOpen(_state);

    /// <summary>
    /// Decides the commands in order and appends all their events at once. A command is a function because the facts inside it are
    /// looked up at the moment of its decision, again if the decision has to be repeated. One verdict a command.
    /// </summary>
    internal async ValueTask<IReadOnlyList<Verdict<TReply>>> HandleAsync(IReadOnlyList<Func<TCommand>> commands, CancellationToken cancellation)
    {
        for (int tries = 1; ; tries++)
        {
            TState state = _state ?? await LoadAsync(cancellation);
            using Turn<TState, TCommand, TEvent, TEffect, TReply> turn = new(state, decider, keeper);
            turn.Decide(commands);
            if (turn.Events.Count == 0)
            {
                run(turn.Effects);
                return turn.Verdicts;
            }

            AppendOutcome outcome = await journal.AppendAsync(ToAppend(turn));
            turn.Settle(outcome);
            switch (outcome)
            {
                case AppendOutcome.Appended appended:
                    (_state, _version) = (turn.State, appended.Version);
                    run(turn.Effects);
                    return turn.Verdicts;
                case AppendOutcome.Conflict conflict:
                    _state = null;
                    if (tries < MaximumTries)
                    {
                        continue;
                    }

                    return turn.VerdictsWithout(new JournalException("journal_contended", $"{id} is being written elsewhere, now at {conflict.ActualVersion}.", isTransient: true));
                case AppendOutcome.NotWritten notWritten:
                    return turn.VerdictsWithout(notWritten.Fault);
                case AppendOutcome.Unknown unknown:
                    _state = null;
                    return turn.VerdictsWithout(unknown.Fault);
                default:
                    throw new System.Diagnostics.UnreachableException(outcome.GetType().Name);
            }
        }
    }

    private JournalAppend ToAppend(Turn<TState, TCommand, TEvent, TEffect, TReply> turn)
    {
        JournalEntry[] entries = [.. turn.Events.Select(@event =>
        {
            (string storedName, byte[] bytes) = codec.Encode(@event);
            return new JournalEntry(storedName, bytes);
        })];
        return new JournalAppend(id, _version, entries, decider.IsOpen(turn.State), _writer, time.GetUtcNow());
    }

    private async ValueTask<TState> LoadAsync(CancellationToken cancellation)
    {
        (TState state, long version) = await History.LoadAsync(journal, id, initial, decider.Evolve, codec, cancellation);
        (_state, _version) = (state, version);
        run(decider.Resume(state));
        return state;
    }
}
