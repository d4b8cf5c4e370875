using System.Diagnostics;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;

namespace SignerCluster.Actors;

/// <summary>
/// The decisions on one request, from a durable state to the state that its append would make durable. Owns the secrets that were taken on
/// the way and destroys those that nobody settles.
/// </summary>
public sealed class Turn<TState, TCommand, TEvent, TEffect, TReply>(
    TState state, Decider<TState, TCommand, TEvent, TEffect, TReply> decider, ISecretKeeper<TCommand> keeper) : IDisposable
{
    private readonly List<TEvent> _events = [];
    private readonly List<TEffect> _effects = [];
    private readonly List<Verdict<TReply>> _verdicts = [];
    private readonly List<ISecretStep<TCommand>> _secrets = [];

    // The verdicts before this one rest on durable state alone and hold whatever becomes of the append.
    private int _firstProvisional = int.MaxValue;
    private bool _isReceipt;

    public TState State { get; private set; } = state;

    public IReadOnlyList<TEvent> Events => _events;

    public IReadOnlyList<TEffect> Effects => _effects;

    public IReadOnlyList<Verdict<TReply>> Verdicts => _verdicts;

    /// <summary>Is there nothing in it that anybody could take for a word on the state: nothing to write, nothing to do, and receipts for replies?</summary>
    public bool IsSilent { get; private set; } = true;

    public void Dispose() => _secrets.ForEach(static step => step.Dispose());

    public void Decide(IReadOnlyList<Func<TCommand>> commands)
    {
        foreach (Func<TCommand> command in commands)
        {
            _verdicts.Add(Decide(command()));
            if (_verdicts[^1] is Verdict<TReply>.Refused refused)
            {
                RefusalMeter.Add(refused.Refusal);
            }

            IsSilent &= _effects.Count == 0 && _verdicts[^1] is Verdict<TReply>.Granted && _isReceipt;
        }
    }

    public void Settle(AppendOutcome outcome) => _secrets.ForEach(step => step.Settle(outcome));

    /// <summary>The verdicts when the append failed: what was durable before is still answered (D1), the rest failed.</summary>
    public IReadOnlyList<Verdict<TReply>> VerdictsWithout(JournalException fault) =>
        [.. _verdicts.Select((verdict, index) => index < _firstProvisional ? verdict : new Verdict<TReply>.Failed(fault))];

    private Verdict<TReply> Decide(TCommand command)
    {
        switch (decider.Decide(State, command))
        {
            case Decision<TEvent, TEffect, TReply>.Refused refused:
                Record(refused.Events);
                return new Verdict<TReply>.Refused(refused.Refusal);
            case Decision<TEvent, TEffect, TReply>.Accepted accepted:
                return Accept(accepted);
            case Decision<TEvent, TEffect, TReply>.NeedsSecret needs:
                return Perform(needs.Task);
            default:
                throw new UnreachableException();
        }
    }

    private Verdict<TReply> Perform(SecretTask task)
    {
        if (!keeper.TryPerform(task, out ISecretStep<TCommand>? step, out Refusal? refusal))
        {
            return new Verdict<TReply>.Refused(refusal);
        }

        _secrets.Add(step);
        return decider.Decide(State, step.Result) is Decision<TEvent, TEffect, TReply>.Accepted recorded
            ? Accept(recorded)
            : throw new InvalidOperationException("A secret was worked with for a command that was then not accepted.");
    }

    private Verdict<TReply>.Granted Accept(Decision<TEvent, TEffect, TReply>.Accepted accepted)
    {
        Record(accepted.Events);
        _effects.AddRange(accepted.Effects);
        _isReceipt = accepted.IsReceipt;
        return new Verdict<TReply>.Granted(accepted.Reply);
    }

    private void Record(IReadOnlyList<TEvent> events)
    {
        if (events.Count > 0)
        {
            _firstProvisional = Math.Min(_firstProvisional, _verdicts.Count);
        }

        foreach (TEvent @event in events)
        {
            _events.Add(@event);
            State = decider.Evolve(State, @event);
        }
    }
}
