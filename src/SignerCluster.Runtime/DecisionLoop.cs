using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Runtime;

/// <summary>
/// Load, decide, append durably, evolve, run effects, reply: the one loop of every entity, and the only caller of
/// <see cref="IJournal.AppendAsync"/>. State changes only through an appended event, so memory cannot drift from the journal: a failed
/// append leaves the entity as it was, and an unknown one makes it forget what it knew and read again. What is answered without an append is
/// answered only while the journal still stands where this activation left it (D8). Effects are run with the version that they rest on.
/// Used by one mailbox, so by one reader at a time.
/// </summary>
internal sealed class DecisionLoop<TState, TCommand, TEvent, TEffect, TReply>(
    EntityId id,
    TState initial,
    Decider<TState, TCommand, TEvent, TEffect, TReply> decider,
    EventCodec<TEvent> codec,
    IJournal journal,
    ISecretKeeper<TCommand> keeper,
    Action<IReadOnlyList<TEffect>, long> run,
    Quarantine quarantine,
    TimeProvider time)
    where TState : class
    where TEvent : class
{
    /// <summary>How often a lost race is decided again before the asker is told to come back.</summary>
    private const int MaximumTries = 5;
    private readonly Guid _writer = Guid.NewGuid();
    private TState? _state;
    private long _version;
    private bool _isNew = true;

    /// <summary>The key epoch that is active in a state, told to the store with every append; null for entities that have no say in it.</summary>
    internal Func<TState, int>? ActiveKeyEpoch { get; init; }

    /// <summary>Does the entity still owe anything? True until it was loaded.</summary>
    internal bool IsOpen => _state is null || decider.IsOpen(_state);

    /// <summary>
    /// Decides the commands in order and appends all their events at once. A command is a function because the facts inside it are
    /// looked up at the moment of its decision, again if the decision has to be repeated. One verdict a command.
    /// </summary>
    /// <param name="begins">
    /// Does the first command most often begin a history? Then a new activation decides once as if there were none, instead of reading nothing from the
    /// journal: whether that was so is found out by the append, which expects to be the first.
    /// </param>
    /// <param name="atLeast">A version of the entity that whoever asks has seen. An activation that has not is stale, and reads again before it
    /// decides.</param>
    internal async ValueTask<IReadOnlyList<Verdict<TReply>>> HandleAsync(
        IReadOnlyList<Func<TCommand>> commands, CancellationToken cancellation, bool begins = false, long atLeast = 0)
    {
        try
        {
            _state = _version < atLeast ? null : _state;
            return await DecideAsync(commands, begins, cancellation);
        }
        catch (UnreadableHistoryException unreadable)
        {
            Refusal refusal = quarantine.Admit(unreadable);
            return [.. commands.Select(_ => new Verdict<TReply>.Refused(refusal))];
        }
        catch (JournalException fault)
        {
            return [.. commands.Select(_ => new Verdict<TReply>.Failed(fault))];
        }
    }

    private async ValueTask<IReadOnlyList<Verdict<TReply>>> DecideAsync(IReadOnlyList<Func<TCommand>> commands, bool begins, CancellationToken cancellation)
    {
        for (int tries = 1; ; tries++, begins = false)
        {
            begins &= _isNew;
            _isNew = false;
            bool isFresh = _state is null && !begins;
            TState state = _state ?? (begins ? Begin() : await LoadAsync(cancellation));
            using Turn<TState, TCommand, TEvent, TEffect, TReply> turn = new(state, decider, keeper);
            turn.Decide(commands);
            if (turn.Events.Count == 0 && begins)
            {
                continue;
            }

            if (turn.Events.Count == 0)
            {
                if (!isFresh && !turn.IsSilent && !await IsCurrentAsync(cancellation))
                {
                    _state = null;
                    continue;
                }

                run(turn.Effects, _version);
                return turn.Verdicts;
            }

            AppendOutcome outcome = await journal.AppendAsync(ToAppend(turn));
            turn.Settle(outcome);
            switch (outcome)
            {
                case AppendOutcome.Appended appended:
                    (_state, _version) = (turn.State, appended.Version);
                    run(turn.Effects, _version);
                    return turn.Verdicts;
                case AppendOutcome.Conflict conflict:
                    _state = null;
                    if (tries < MaximumTries)
                    {
                        continue;
                    }

                    throw new JournalException("journal_contended", $"{id} is being written elsewhere, now at {conflict.ActualVersion}.", isTransient: true);
                case AppendOutcome.NotWritten notWritten:
                    // What was durable before is still answered (D1), if this activation's word on it is good.
                    return isFresh || await IsCurrentAsync(cancellation) ? turn.VerdictsWithout(notWritten.Fault) : throw notWritten.Fault;
                case AppendOutcome.Unknown unknown:
                    _state = null;
                    throw unknown.Fault;
                default:
                    throw new System.Diagnostics.UnreachableException(outcome.GetType().Name);
            }
        }
    }

    /// <summary>Has nobody else written since this activation did?</summary>
    private async ValueTask<bool> IsCurrentAsync(CancellationToken cancellation) => await journal.ReadVersionAsync(id, cancellation) == _version;

    private JournalAppend ToAppend(Turn<TState, TCommand, TEvent, TEffect, TReply> turn)
    {
        JournalEntry[] entries = [.. turn.Events.Select(@event =>
        {
            (string storedName, byte[] bytes) = codec.Encode(@event);
            return new JournalEntry(storedName, bytes);
        })];
        return new JournalAppend(id, _version, entries, decider.IsOpen(turn.State), _writer, time.GetUtcNow())
        {
            ActivatesKeyEpoch = ActiveKeyEpoch?.Invoke(turn.State) ?? 0,
        };
    }

    /// <summary>Not yet this activation's state: only an append makes it so.</summary>
    private TState Begin()
    {
        _version = 0;
        return initial;
    }

    private async ValueTask<TState> LoadAsync(CancellationToken cancellation)
    {
        (TState state, long version) = await History.LoadAsync(journal, id, initial, decider.Evolve, codec, cancellation);
        (_state, _version) = (state, version);
        quarantine.Release(id, version);
        run(decider.Resume(state), version);
        return state;
    }
}
