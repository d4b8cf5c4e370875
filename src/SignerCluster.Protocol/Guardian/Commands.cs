using System.Text.Json.Serialization;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>Commands of a guardian. Wire messages and commands alike.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Withdraw), "withdraw")]
[JsonDerivedType(typeof(Configure), "configure")]
[JsonDerivedType(typeof(Freeze), "freeze")]
[JsonDerivedType(typeof(Unfreeze), "unfreeze")]
[JsonDerivedType(typeof(Fold), "fold")]
[JsonDerivedType(typeof(Admit), "admit")]
[JsonDerivedType(typeof(Find), "find")]
[JsonDerivedType(typeof(Prove), "prove")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Resume), "resume")]
[JsonDerivedType(typeof(Show), "show")]
[JsonDerivedType(typeof(List), "list")]
public abstract record GuardianCommand
{
    private GuardianCommand()
    {
    }

    /// <summary>Asks for a withdrawal to be accepted and paid for. The same id with the same transaction again is the same withdrawal.</summary>
    /// <param name="Timestamp">Unix seconds; null for the guardian's own time.</param>
    /// <param name="DayLimit">
    /// Satoshis that the asking party's own policy lets be withdrawn with times on one UTC day; null for no such rule. What it does not let be signed is not paid
    /// for either.
    /// </param>
    public sealed record Withdraw(
        SessionId Id,
        Bytes32 Txid,
        ulong Debit,
        ulong? Timestamp = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? DayLimit = null) : GuardianCommand;

    /// <summary>Puts a group under these rules. What allows less holds at once, what allows more after the present rules' delay.</summary>
    public sealed record Configure(GuardianRules Rules) : GuardianCommand;

    public sealed record Freeze(string Reason) : GuardianCommand;

    public sealed record Unfreeze(string Reason) : GuardianCommand;

    /// <summary>The coordinator's guardian tells a seat's guardian what its chain has more, in order; none asks only how far the seat's is.</summary>
    public sealed record Fold(IReadOnlyList<GuardianRecord> Records) : GuardianCommand;

    /// <summary>A session of this id asks whether it may be signed.</summary>
    /// <param name="Spends">
    /// Can what it signs take anything from the group? A proof of an address cannot, so no withdrawal has to be accepted for it; a group that is frozen or
    /// stopped makes none.
    /// </param>
    public sealed record Admit(SessionId Id, bool Spends = true) : GuardianCommand;

    /// <summary>Somebody asks what is recorded of a withdrawal.</summary>
    public sealed record Find(SessionId Id) : GuardianCommand;

    /// <summary>As <see cref="Find"/>, with a proof that the record is in the chain.</summary>
    public sealed record Prove(SessionId Id) : GuardianCommand;

    /// <summary>An operator stops its own party's part in the group.</summary>
    public sealed record Stop(string Reason) : GuardianCommand;

    /// <summary>An operator lifts its own stop.</summary>
    public sealed record Resume(string Reason) : GuardianCommand;

    public sealed record Show : GuardianCommand;

    /// <summary>The withdrawals from a number on, at most so many.</summary>
    public sealed record List(ulong From, int Limit) : GuardianCommand;
}

/// <summary>A command with what the node knows at the moment.</summary>
/// <param name="Now">Unix seconds.</param>
/// <param name="IsProved">
/// Did the journal say within <see cref="ProofHolds"/> that nobody else has written? Then a group without a guardian is told so without asking again: every
/// plain session asks that several times, and each question to the journal costs as much as a tenth of the session.
/// </param>
public sealed record GuardianAsked(GuardianCommand Command, ulong Now, bool IsProved = false)
{
    /// <summary>
    /// So long after the first rules of a group an activation that another one has replaced may still say that there is no guardian. First rules need such a
    /// moment anyway to reach the seats.
    /// </summary>
    public static TimeSpan ProofHolds { get; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Is the time this node's alone, because fewer seats than sign have told theirs since the activation began? A record of the coordinator's guardian that is
    /// ahead of the seats' clocks would hold up everything after it until they get there.
    /// </summary>
    public bool IsLone { get; init; }
}

/// <summary>What a guardian grants.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Unguarded), "unguarded")]
[JsonDerivedType(typeof(Admitted), "admitted")]
[JsonDerivedType(typeof(Proved), "proved")]
[JsonDerivedType(typeof(Folded), "folded")]
[JsonDerivedType(typeof(Shown), "shown")]
[JsonDerivedType(typeof(Listed), "listed")]
public abstract record GuardianReply
{
    private GuardianReply()
    {
    }

    /// <summary>The group has no guardian: its sessions are signed as they come.</summary>
    public sealed record Unguarded : GuardianReply;

    /// <summary>The withdrawal was accepted, now or before, and its debit is durable.</summary>
    /// <param name="SpentToday">Satoshis of the withdrawals before it on the UTC day of its time.</param>
    public sealed record Admitted(GuardianRecord.WithdrawalAccepted Withdrawal, ulong SpentToday = 0) : GuardianReply;

    /// <summary>The withdrawal's record, and that it is in the chain as it is now.</summary>
    public sealed record Proved(GuardianRecord.WithdrawalAccepted Withdrawal, RecordProof Proof) : GuardianReply;

    /// <summary>How far a seat's guardian has folded the chain.</summary>
    /// <param name="Next">The position of the record that it wants next.</param>
    /// <param name="Why">Why it did not fold more of what it was told; null when it folded all.</param>
    /// <param name="Now">What time it is at the seat, unix seconds; null of one that does not say.</param>
    public sealed record Folded(
        long Next, Bytes32 Head, Refusal? Why, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Now = null) : GuardianReply;

    public sealed record Shown(GuardianView View) : GuardianReply;

    public sealed record Listed(IReadOnlyList<GuardianRecord.WithdrawalAccepted> Withdrawals) : GuardianReply;
}

/// <summary>What became of one <see cref="GuardianCommand"/>.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Granted), "granted")]
[JsonDerivedType(typeof(Refused), "refused")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record GuardianAnswer
{
    private GuardianAnswer()
    {
    }

    public sealed record Granted(GuardianReply Reply) : GuardianAnswer;

    public sealed record Refused(Refusal Refusal) : GuardianAnswer;

    /// <summary>The guardian could not write or be asked; nothing happened and the same command may be tried again.</summary>
    public sealed record Failed(string Code, bool IsTransient) : GuardianAnswer;
}

/// <summary>An answer as it goes between a party's nodes.</summary>
/// <param name="Seats">Of the coordinator's guardian: how far each seat's has folded the chain, -1 where that is not known.</param>
public sealed record GuardianWord(GuardianAnswer Answer, long Ask, IReadOnlyList<long>? Seats);

/// <summary>What must happen after the append.</summary>
public abstract record GuardianEffect
{
    private GuardianEffect()
    {
    }

    /// <summary>The chain ends before this position: whoever follows it is told what it lacks.</summary>
    /// <param name="Records">The newest of it; none when they have to be read.</param>
    public sealed record Publish(long End, IReadOnlyList<GuardianRecord> Records) : GuardianEffect;
}
