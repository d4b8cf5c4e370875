using System.Text.Json.Serialization;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// One link of a guardian's chain: the coordinator's guardian makes it, every seat's guardian folds the same. Its hash binds every field and, by
/// <paramref name="Previous"/>, all records before it and the group.
/// </summary>
/// <param name="Position">Counts all records of the chain from 0.</param>
/// <param name="At">Unix seconds; never before the record before it.</param>
/// <param name="Previous">The hash of the record before it; of the first one, <see cref="StartOf"/>.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RulesSet), "rules_set")]
[JsonDerivedType(typeof(LooseningAnnounced), "loosening_announced")]
[JsonDerivedType(typeof(LooseningApplied), "loosening_applied")]
[JsonDerivedType(typeof(WithdrawalAccepted), "withdrawal_accepted")]
[JsonDerivedType(typeof(Frozen), "frozen")]
[JsonDerivedType(typeof(Unfrozen), "unfrozen")]
public abstract record GuardianRecord(long Position, ulong At, Bytes32 Previous)
{
    private static readonly TaggedHash _start = new("SignerCluster/guardian/start/v1");
    private static readonly TaggedHash _record = new("SignerCluster/guardian/record/v1");

    /// <summary>Where the chain of a group begins, so that no record of one group's chain fits into another's.</summary>
    public static Bytes32 StartOf(GroupId group) => new FramedHash(_start).Add(group.X).Finish();

    /// <summary>32 bytes over every field, each framed by its length.</summary>
    public Bytes32 ComputeHash()
    {
        FramedHash hash = new FramedHash(_record).Add((ulong)Position).Add(At).Add(Previous);
        AddTo(hash);
        return hash.Finish();
    }

    private protected abstract void AddTo(FramedHash hash);

    private static void Add(FramedHash hash, GuardianRules rules)
    {
        hash.Add(rules.MaximumAge).Add(rules.MaximumSkew).Add(rules.LooseningDelay).Add(rules.Windows.Count);
        foreach (LimiterWindow window in rules.Windows)
        {
            hash.Add(window.Name).Add(window.Capacity).Add(window.RefillPerSecond);
        }
    }

    /// <summary>
    /// These rules hold from here on: the group's first ones, or ones that allow nothing more than those before. What was announced is withdrawn.
    /// </summary>
    public sealed record RulesSet(long Position, ulong At, Bytes32 Previous, GuardianRules Rules) : GuardianRecord(Position, At, Previous)
    {
        private protected override void AddTo(FramedHash hash) => Add(hash.Add("rules_set"), Rules);
    }

    /// <summary>These rules, which allow more, will hold after the present rules' delay, unless something is set or announced before.</summary>
    public sealed record LooseningAnnounced(long Position, ulong At, Bytes32 Previous, GuardianRules Rules) : GuardianRecord(Position, At, Previous)
    {
        private protected override void AddTo(FramedHash hash) => Add(hash.Add("loosening_announced"), Rules);
    }

    /// <summary>What was announced holds from here on.</summary>
    public sealed record LooseningApplied(long Position, ulong At, Bytes32 Previous) : GuardianRecord(Position, At, Previous)
    {
        private protected override void AddTo(FramedHash hash) => hash.Add("loosening_applied");
    }

    /// <summary>
    /// A withdrawal may be signed, and is paid for: id, transaction, number, debit and the buckets after it are one fact (G1).
    /// </summary>
    /// <param name="Id">The withdrawal's id, and its session's.</param>
    /// <param name="Txid">The transaction, in the byte order of the protocol.</param>
    /// <param name="Debit">Satoshis that leave the group: its inputs without what provably pays it back, the fee included.</param>
    /// <param name="After">The buckets after the debit.</param>
    public sealed record WithdrawalAccepted(
        long Position, ulong At, Bytes32 Previous, SessionId Id, Bytes32 Txid, ulong Sequence, ulong Debit, Batch<ulong> After)
        : GuardianRecord(Position, At, Previous)
    {
        private protected override void AddTo(FramedHash hash)
        {
            hash.Add("withdrawal_accepted").Add(Id.ToString()).Add(Txid).Add(Sequence).Add(Debit).Add(After.Count);
            foreach (ulong tokens in After)
            {
                hash.Add(tokens);
            }
        }
    }

    /// <summary>Nothing is accepted or signed for the group from here on.</summary>
    public sealed record Frozen(long Position, ulong At, Bytes32 Previous, string Reason) : GuardianRecord(Position, At, Previous)
    {
        private protected override void AddTo(FramedHash hash) => hash.Add("frozen").Add(Reason);
    }

    /// <summary>The freeze is lifted. What single parties have stopped stays stopped.</summary>
    public sealed record Unfrozen(long Position, ulong At, Bytes32 Previous, string Reason) : GuardianRecord(Position, At, Previous)
    {
        private protected override void AddTo(FramedHash hash) => hash.Add("unfrozen").Add(Reason);
    }
}
