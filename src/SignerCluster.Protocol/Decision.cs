namespace SignerCluster.Protocol;

/// <summary>What a decider answers to a command. Nothing of it may be seen outside before its events are durable.</summary>
public abstract record Decision<TEvent, TEffect, TReply>
{
    private Decision()
    {
    }

    /// <summary>The command is granted. No events: it was a repetition or a question, and nothing needs to be written.</summary>
    public sealed record Accepted(IReadOnlyList<TEvent> Events, IReadOnlyList<TEffect> Effects, TReply Reply) : Decision<TEvent, TEffect, TReply>
    {
        /// <summary>
        /// Does the reply say nothing of the state? Then, where nothing is written or done, it need not be asked whether somebody else has written since.
        /// </summary>
        public bool IsReceipt { get; init; }
    }

    /// <summary>The command is refused and changes nothing. The events, mostly none, keep evidence of what was refused.</summary>
    public sealed record Refused(Refusal Refusal, IReadOnlyList<TEvent> Events) : Decision<TEvent, TEffect, TReply>;

    /// <summary>The command is in order but needs something that only the keeper of secrets can make; the answer comes back as another command.</summary>
    public sealed record NeedsSecret(SecretTask Task) : Decision<TEvent, TEffect, TReply>;

    public static Decision<TEvent, TEffect, TReply> Accept(TReply reply, params IReadOnlyList<TEvent> events) => new Accepted(events, [], reply);

    public static Decision<TEvent, TEffect, TReply> Refuse(Refusal refusal, params IReadOnlyList<TEvent> evidence) => new Refused(refusal, evidence);
}

/// <summary>Work on secrets that a decider may ask for but never does. Carries public values only.</summary>
public abstract record SecretTask
{
    private protected SecretTask()
    {
    }
}

/// <summary>
/// One kind of entity as four pure functions. <see cref="Decide"/> validates, <see cref="Evolve"/> trusts history, <see cref="Resume"/> says
/// which effects are still owed after a reload, <see cref="IsOpen"/> whether the entity still owes anything.
/// </summary>
public sealed record Decider<TState, TCommand, TEvent, TEffect, TReply>(
    Func<TState, TCommand, Decision<TEvent, TEffect, TReply>> Decide,
    Func<TState, TEvent, TState> Evolve,
    Func<TState, IReadOnlyList<TEffect>> Resume,
    Func<TState, bool> IsOpen);
