using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Covenants;

/// <summary>Who takes part in a covenant: depositor and signer, or a custodian as well.</summary>
public enum CovenantKind
{
    /// <summary><c>self_v1</c>.</summary>
    SelfV1,

    /// <summary><c>qc_v1</c>.</summary>
    QcV1,
}

/// <summary>Whose key it is. The keys of a branch are always in this order.</summary>
public enum CovenantRole
{
    Depositor,
    Custodian,
    Signer,
}

/// <summary>The ways to spend a covenant, the one that is most used first.</summary>
public enum CovenantBranch
{
    /// <summary>All keys, at any time.</summary>
    Cooperative,

    /// <summary>From the maturity on, everybody but the depositor.</summary>
    Matured,

    /// <summary><c>qc_v1</c> only: from beta blocks before the maturity on, everybody but the signer.</summary>
    WithoutSigner,

    /// <summary>From delta2 blocks after the maturity on, the depositor.</summary>
    DepositorAlone,
}

/// <summary>The third party of <c>qc_v1</c>.</summary>
/// <param name="Key">An x coordinate, as it was stated.</param>
/// <param name="BetaBlocks">How long before the maturity it and the depositor can do without the signer.</param>
public sealed record CovenantCustodian(Bytes32 Key, uint BetaBlocks);

/// <summary>What somebody says a covenant is. <see cref="CovenantTemplate.TryCreate"/> judges it.</summary>
/// <param name="Depositor">An x coordinate.</param>
/// <param name="Signer">An x coordinate: the key of a group itself, without any tweak.</param>
/// <param name="MaturityHeight">The block height from which on the depositor is not needed.</param>
/// <param name="Delta2Blocks">How long after the maturity the depositor needs nobody else.</param>
/// <param name="Custodian">Of <c>qc_v1</c>; null in <c>self_v1</c>.</param>
public sealed record CovenantTerms(
    CovenantKind Kind,
    Bytes32 Depositor,
    Bytes32 Signer,
    uint MaturityHeight,
    uint Delta2Blocks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CovenantCustodian? Custodian = null);

/// <summary>The names that kinds have outside.</summary>
public static class CovenantKinds
{
    /// <summary><c>self_v1</c> or <c>qc_v1</c>.</summary>
    public static string ToName(this CovenantKind kind) => kind switch
    {
        CovenantKind.SelfV1 => "self_v1",
        CovenantKind.QcV1 => "qc_v1",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Refuses every other name (<c>covenant_kind_unknown</c>).</summary>
    public static bool TryParse(string name, out CovenantKind kind, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        bool isKnown = name is "self_v1" or "qc_v1";
        kind = name == "qc_v1" ? CovenantKind.QcV1 : CovenantKind.SelfV1;
        refusal = isKnown ? null : new BitcoinRefusal(RefusalCodes.CovenantKindUnknown, "A covenant is of the kind self_v1 or qc_v1.");
        return isKnown;
    }
}
