using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Covenants;

/// <summary>Where a signature goes in the witness, and the signature where there is one.</summary>
public sealed record CovenantPlace(CovenantKey Key, Bytes64? Signature);

/// <summary>
/// A transaction that the signer has signed and that others finish. It says all that they need: nothing of it has to be believed, because the script and the
/// control block prove themselves by the output. Immutable, equal by value.
/// </summary>
public sealed record CovenantHandoff
{
    private readonly CovenantSpend _spend;

    internal CovenantHandoff(CovenantSpend spend, Bytes64 signature)
    {
        _spend = spend;
        Signature = signature;
    }

    public CovenantKind Kind => _spend.Template.Terms.Kind;

    public CovenantBranch Branch => _spend.Branch;

    /// <summary>The txid of the finished transaction.</summary>
    public Txid Txid => Unsigned.Txid;

    /// <summary>The transaction without its witness.</summary>
    public Transaction Unsigned => _spend.Plan.Unsigned;

    /// <summary>The output that is spent; the signatures commit to its amount and script.</summary>
    public TxOut Prevout => _spend.Prevout;

    /// <summary>Its script and control block are the last two items of the witness.</summary>
    public CovenantLeaf Leaf => _spend.Leaf;

    /// <summary>What every key signs.</summary>
    public Bytes32 Sighash => _spend.Sighash;

    /// <summary>That of the signer; it verifies.</summary>
    public Bytes64 Signature { get; }

    /// <summary>The first items of the witness, bottom first; those without a signature are the others'.</summary>
    public IReadOnlyList<CovenantPlace> Stack =>
        [.. Leaf.Keys.Reverse().Select(key => new CovenantPlace(key, key.Role == CovenantRole.Signer ? Signature : null))];

    /// <summary>
    /// The transaction, ready for the network, from the signatures of the others by key. Refuses and throws as <see cref="CovenantSpend.TryComplete"/> does.
    /// </summary>
    public bool TryComplete(
        IReadOnlyDictionary<XOnlyPublicKey, Bytes64> others,
        [NotNullWhen(true)] out Transaction? finished,
        [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        _spend.TryComplete(new Dictionary<XOnlyPublicKey, Bytes64>(others) { [_spend.Template.Signer] = Signature }, out finished, out refusal);
}
