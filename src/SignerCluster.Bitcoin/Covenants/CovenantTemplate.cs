using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Covenants;

/// <summary>
/// The output of a covenant: a taproot output that no key alone can spend, with one tapscript for each branch. Immutable, equal by its terms. The tree is
/// the same for every covenant of a kind: branches hang from the root in the order of <see cref="CovenantBranch"/>, because whoever agrees should pay least,
/// and what comes last is for the day on which others are gone.
/// </summary>
public sealed class CovenantTemplate : IEquatable<CovenantTemplate>
{
    /// <summary>A lock time below this is a height, from here on it is a time (BIP-0065).</summary>
    public const uint HeightLimit = 500_000_000;

    // One job's terms are judged by everyone it passes on its way through a process, and the tree is most of what that costs.
    private static readonly ConditionalWeakTable<CovenantTerms, CovenantTemplate> _made = new();

    private readonly CovenantLeaf[] _leaves;

    private CovenantTemplate(CovenantTerms terms, IReadOnlyList<CovenantKey> keys)
    {
        Terms = terms;
        Signer = keys[^1].Key;
        (CovenantBranch Branch, uint LockHeight, CovenantKey[] Keys, Script Script)[] branches =
        [
            .. from branch in BranchesOf(terms)
               let signing = keys.Where(key => branch.Roles.Contains(key.Role)).ToArray()
               select (branch.Branch, branch.LockHeight, signing, CovenantLeaf.ScriptOf(branch.LockHeight, signing)),
        ];
        ScriptChain chain = new(branches.Select(static branch => branch.Script));
        MerkleRoot = chain.MerkleRoot;
        ScriptPubKey = chain.ScriptPubKey;
        _leaves = [.. branches.Select((branch, index) => new CovenantLeaf(
            branch.Branch, branch.LockHeight, branch.Keys, branch.Script, chain.LeafHash(index), chain.ControlBlock(index)))];
    }

    public CovenantTerms Terms { get; }

    /// <summary>The key of the group that signs.</summary>
    public XOnlyPublicKey Signer { get; }

    public Bytes32 MerkleRoot { get; }

    /// <summary>The script that a deposit pays to.</summary>
    public Script ScriptPubKey { get; }

    /// <summary>Three for <c>self_v1</c>, four for <c>qc_v1</c>.</summary>
    public IReadOnlyList<CovenantLeaf> Leaves => _leaves;

    public static bool operator ==(CovenantTemplate? left, CovenantTemplate? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(CovenantTemplate? left, CovenantTemplate? right) => !(left == right);

    /// <summary>
    /// Refuses a custodian in <c>self_v1</c> (<c>covenant_custodian_unexpected</c>) and none in <c>qc_v1</c> (<c>covenant_custodian_missing</c>), keys that
    /// are not on the curve (<c>covenant_key_invalid</c>) or the same (<c>covenant_keys_equal</c>), and heights and numbers of blocks that are 0 or lead out
    /// of 1..<see cref="HeightLimit"/>-1 (<c>covenant_height_out_of_range</c>). Throws <see cref="ArgumentOutOfRangeException"/> for an undefined kind.
    /// </summary>
    public static bool TryCreate(
        CovenantTerms terms, [NotNullWhen(true)] out CovenantTemplate? template, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        if (_made.TryGetValue(terms, out template))
        {
            refusal = null;
            return true;
        }

        refusal = ReadKeys(terms, out CovenantKey[] keys) ?? CheckCustodian(terms) ?? CheckHeights(terms);
        template = refusal is null ? _made.GetValue(terms, made => new CovenantTemplate(made, keys)) : null;
        return template is not null;
    }

    /// <summary>Refuses a branch that the kind does not have (<c>covenant_branch_unknown</c>).</summary>
    public bool TryGetLeaf(CovenantBranch branch, [NotNullWhen(true)] out CovenantLeaf? leaf, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        leaf = Array.Find(_leaves, leaf => leaf.Branch == branch);
        refusal = leaf is null ? new BitcoinRefusal(RefusalCodes.CovenantBranchUnknown, $"{Terms.Kind.ToName()} has no branch {branch}.") : null;
        return leaf is not null;
    }

    public bool Equals(CovenantTemplate? other) => other is not null && Terms == other.Terms;

    public override bool Equals(object? obj) => Equals(obj as CovenantTemplate);

    public override int GetHashCode() => Terms.GetHashCode();

    public override string ToString() => $"{Terms.Kind.ToName()} {ScriptPubKey}";

    private static IEnumerable<(CovenantBranch Branch, uint LockHeight, CovenantRole[] Roles)> BranchesOf(CovenantTerms terms)
    {
        yield return (CovenantBranch.Cooperative, 0, [CovenantRole.Depositor, CovenantRole.Custodian, CovenantRole.Signer]);
        yield return (CovenantBranch.Matured, terms.MaturityHeight, [CovenantRole.Custodian, CovenantRole.Signer]);
        if (terms.Custodian is { } custodian)
        {
            yield return (CovenantBranch.WithoutSigner, terms.MaturityHeight - custodian.BetaBlocks, [CovenantRole.Depositor, CovenantRole.Custodian]);
        }

        yield return (CovenantBranch.DepositorAlone, terms.MaturityHeight + terms.Delta2Blocks, [CovenantRole.Depositor]);
    }

    private static BitcoinRefusal? CheckCustodian(CovenantTerms terms) => (terms.Kind, terms.Custodian) switch
    {
        (CovenantKind.SelfV1, null) or (CovenantKind.QcV1, not null) => null,
        (CovenantKind.SelfV1, _) => new BitcoinRefusal(RefusalCodes.CovenantCustodianUnexpected, "self_v1 has no custodian."),
        (CovenantKind.QcV1, _) => new BitcoinRefusal(RefusalCodes.CovenantCustodianMissing, "qc_v1 has a custodian, with a key and a time of its own."),
        _ => throw new ArgumentOutOfRangeException(nameof(terms)),
    };

    // In the order of CovenantRole.
    private static BitcoinRefusal? ReadKeys(CovenantTerms terms, out CovenantKey[] keys)
    {
        List<CovenantKey> read = [];
        keys = [];
        foreach ((CovenantRole role, Bytes32? stated) in ((CovenantRole, Bytes32?)[])
            [(CovenantRole.Depositor, terms.Depositor), (CovenantRole.Custodian, terms.Custodian?.Key), (CovenantRole.Signer, terms.Signer)])
        {
            if (stated is not { } x)
            {
                continue;
            }

            if (!XOnlyPublicKey.TryParse(x.AsSpan(), out XOnlyPublicKey key))
            {
                return new BitcoinRefusal(RefusalCodes.CovenantKeyInvalid, $"The key of the {role} is not the x coordinate of a point: {x}.");
            }

            if (read.Find(other => other.Key == key) is { } same)
            {
                return new BitcoinRefusal(RefusalCodes.CovenantKeysEqual, $"{same.Role} and {role} have the same key {key}.");
            }

            read.Add(new CovenantKey(role, key));
        }

        keys = [.. read];
        return null;
    }

    private static BitcoinRefusal? CheckHeights(CovenantTerms terms)
    {
        const ulong limit = HeightLimit;
        (string Name, bool IsInRange)[] rules =
        [
            ("maturity height", terms.MaturityHeight is > 0 and < HeightLimit),
            ("delta2", terms.Delta2Blocks > 0 && (ulong)terms.MaturityHeight + terms.Delta2Blocks < limit),
            ("beta", terms.Custodian is null || (terms.Custodian.BetaBlocks > 0 && terms.Custodian.BetaBlocks < terms.MaturityHeight)),
        ];
        string? broken = Array.Find(rules, static rule => !rule.IsInRange).Name;
        return broken is null
            ? null
            : new BitcoinRefusal(RefusalCodes.CovenantHeightOutOfRange, $"The {broken} leads to a height that is not in 1..{HeightLimit - 1}.");
    }
}
