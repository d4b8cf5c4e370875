using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Wire;
using SignerCluster.Simulator.Checkers;

namespace SignerCluster.Simulator.Deciders;

/// <summary>An activation of an entity on a node.</summary>
internal interface IEntity
{
    /// <summary>Is a message being handled?</summary>
    bool IsBusy { get; }

    /// <summary>Handles a message after those that came before it. Answers it with what became of it, or not at all.</summary>
    void Take(object message, Action<object, TurnWatch>? answer = null);
}

/// <summary>
/// The loop around a decider, as small as it can be and with the promises of the product's shell: recover, decide, append, evolve, run effects, reply. One
/// message at a time; what fails to be written ends the activation.
/// </summary>
internal abstract class Entity<TState, TCommand, TEvent, TEffect, TReply>(
    EntityId id,
    TState initial,
    Decider<TState, TCommand, TEvent, TEffect, TReply> decider,
    EventCodec<TEvent> codec,
    ISecretKeeper<TCommand> keeper,
    EntityHost host) : IEntity
    where TState : class
    where TEvent : class
{
    private readonly Queue<(object Message, Action<object, TurnWatch>? Answer)> _waiting = new();
    private readonly Guid _writer = Guid.NewGuid();
    private TState? _state;
    private long _version;
    private bool _hasLeft;

    public bool IsBusy { get; private set; }

    protected EntityHost Host => host;

    protected Timers Timers { get; } = new(host.World.Scheduler, host.Life);

    protected bool IsOpen => _state is not null && decider.IsOpen(_state);

    public void Take(object message, Action<object, TurnWatch>? answer = null)
    {
        if (_hasLeft)
        {
            return;
        }

        _waiting.Enqueue((message, answer));
        if (!IsBusy)
        {
            IsBusy = true;
            host.World.Watch(host.Life, WorkAsync());
        }
    }

    /// <summary>The commands in a message; null for what is not for this activation.</summary>
    protected abstract IReadOnlyList<Func<TCommand>>? Read(object message);

    protected abstract void Run(TEffect effect);

    protected abstract void Answer(object message, IReadOnlyList<Verdict<TReply>> verdicts, Action<object> tell);

    /// <summary>Nothing is in progress: may the activation leave memory?</summary>
    protected virtual bool Rest() => !IsOpen;

    /// <summary>The activation ends after a failed write; after an unknown outcome nothing that it held may outlive it.</summary>
    protected virtual void End(JournalException fault, bool isUnknown)
    {
    }

    /// <summary>The key epoch that is active in a state.</summary>
    protected virtual int ActiveKeyEpoch(TState state) => 0;

    private async Task WorkAsync()
    {
        while (_waiting.TryDequeue(out (object Message, Action<object, TurnWatch>? Answer) next))
        {
            if (Commands(next.Message) is { } commands)
            {
                TurnWatch turn = TurnWatch.Begin(host.World.Now);
                IReadOnlyList<Verdict<TReply>> verdicts = await HandleAsync(commands);
                host.World.Checks.TurnEnded(host.Node, id, turn);
                Answer(next.Message, verdicts, told => next.Answer?.Invoke(told, turn));
            }
        }

        IsBusy = false;
        if (!_hasLeft && (_state is null || Rest()))
        {
            Leave();
        }
    }

    private IReadOnlyList<Func<TCommand>>? Commands(object message) => message is Wake ? [] : Read(message);

    private async Task<IReadOnlyList<Verdict<TReply>>> HandleAsync(IReadOnlyList<Func<TCommand>> commands)
    {
        try
        {
            return await DecideAsync(commands);
        }
        catch (UnreadableHistoryException unreadable)
        {
            Refusal refusal = host.Quarantine.Admit(unreadable);
            return [.. commands.Select(_ => new Verdict<TReply>.Refused(refusal))];
        }
        catch (JournalException fault)
        {
            EndWith(fault);
            return [.. commands.Select(_ => new Verdict<TReply>.Failed(fault))];
        }
    }

    private async Task<IReadOnlyList<Verdict<TReply>>> DecideAsync(IReadOnlyList<Func<TCommand>> commands)
    {
        bool isFresh = _state is null;
        _state ??= await LoadAsync();
        using Turn<TState, TCommand, TEvent, TEffect, TReply> turn = new(_state, decider, keeper);
        turn.Decide(commands);
        if (turn.Events.Count > 0)
        {
            AppendOutcome outcome = await host.Journal.AppendAsync(ToAppend(turn));
            turn.Settle(outcome);
            if (outcome is not AppendOutcome.Appended appended)
            {
                return await FailAsync(turn, outcome);
            }

            (_state, _version) = (turn.State, appended.Version);
        }
        else if (!isFresh && !turn.IsSilent && await ReadHeadAsync() is var head && head != _version)
        {
            throw AppendFailedException.Contended(head);
        }

        RunAll(turn.Effects);
        return turn.Verdicts;
    }

    /// <summary>What was durable before is still answered (D1), if the write is known not to be there and nobody else has written.</summary>
    private async Task<IReadOnlyList<Verdict<TReply>>> FailAsync(Turn<TState, TCommand, TEvent, TEffect, TReply> turn, AppendOutcome outcome)
    {
        JournalException fault = AppendFailedException.FaultOf(outcome);
        IReadOnlyList<Verdict<TReply>> verdicts = turn.VerdictsWithout(fault);
        bool holds = outcome is AppendOutcome.NotWritten && verdicts[0] is not Verdict<TReply>.Failed && await ReadHeadAsync() == _version;
        EndWith(fault, outcome is AppendOutcome.Unknown);
        return holds ? verdicts : [.. verdicts.Select(_ => new Verdict<TReply>.Failed(fault))];
    }

    private ValueTask<long> ReadHeadAsync() => host.Journal.ReadVersionAsync(id, CancellationToken.None);

    private JournalAppend ToAppend(Turn<TState, TCommand, TEvent, TEffect, TReply> turn)
    {
        JournalEntry[] entries = [.. turn.Events.Select(codec.Encode).Select(static stored => new JournalEntry(stored.StoredName, stored.Bytes))];
        return new JournalAppend(id, _version, entries, decider.IsOpen(turn.State), _writer, host.World.Now)
        {
            ActivatesKeyEpoch = ActiveKeyEpoch(turn.State),
        };
    }

    private async Task<TState> LoadAsync()
    {
        (TState state, _version) = await History.LoadAsync(host.Journal, id, initial, decider.Evolve, codec, CancellationToken.None);
        host.Quarantine.Release(id, _version);
        RunAll(decider.Resume(state));
        return state;
    }

    private void RunAll(IReadOnlyList<TEffect> effects)
    {
        foreach (TEffect effect in effects)
        {
            Run(effect);
        }
    }

    private void EndWith(JournalException fault, bool isUnknown = false)
    {
        if (_state is null || IsOpen)
        {
            host.WakeSoon(id);
        }

        Leave();
        End(fault, isUnknown);
        while (_waiting.TryDequeue(out (object Message, Action<object, TurnWatch>? Answer) next))
        {
            if (Commands(next.Message) is { } commands)
            {
                TurnWatch turn = new(host.World.Now);
                Answer(next.Message, [.. commands.Select(_ => new Verdict<TReply>.Failed(fault))], told => next.Answer?.Invoke(told, turn));
            }
        }

        Timers.StopAll();
    }

    private void Leave()
    {
        _hasLeft = true;
        Timers.StopAll();
        host.Leave(id);
    }
}
