using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Covenants;

/// <summary>
/// A covenant that is spent by a plan through a branch in which the signer has a key. All keys of the branch sign one message, under the keys as they stand in
/// the script: nothing is tweaked. Immutable, equal by value.
/// </summary>
public sealed record CovenantSpend
{
    private CovenantSpend(CovenantTemplate template, CovenantPlan plan, CovenantBranch branch)
    {
        Template = template;
        Plan = plan;
        Branch = branch;
        Bytes32 sighash = default;
        bool isHashed = TaprootSighash.TryPrepare(plan.Unsigned, [Prevout], out TaprootSighash? hashes, out BitcoinRefusal? refusal)
            && hashes.TryComputeForScript(0, SighashType.Default, annex: default, Leaf.Hash, out sighash, out refusal);
        Sighash = isHashed ? sighash : throw new InvalidOperationException(refusal!.Message);
    }

    public CovenantTemplate Template { get; }

    public CovenantPlan Plan { get; }

    public CovenantBranch Branch { get; }

    /// <summary>The 32 bytes to sign: BIP-0342 with SIGHASH_DEFAULT.</summary>
    public Bytes32 Sighash { get; }

    /// <summary>The script of the branch, and the keys that it wants.</summary>
    public CovenantLeaf Leaf => Template.TryGetLeaf(Branch, out CovenantLeaf? leaf, out BitcoinRefusal? refusal)
        ? leaf
        : throw new InvalidOperationException(refusal.Message);

    /// <summary>The output that is spent.</summary>
    public TxOut Prevout => new(Plan.AmountSat, Template.ScriptPubKey);

    /// <summary>Does the signer's signature finish nothing without those of others?</summary>
    public bool NeedsOthers => Leaf.Keys.Count > 1;

    /// <summary>The virtual bytes of the finished transaction, exactly.</summary>
    public long VirtualSize => WithWitness(new Bytes64[Leaf.Keys.Count]).ComputeVirtualSize();

    /// <summary>
    /// Refuses a branch that the kind does not have (<c>covenant_branch_unknown</c>) or that does without the signer (<c>covenant_branch_without_signer</c>),
    /// a lock time below that of the branch (<c>covenant_lock_time_too_early</c>), and a fee above the limits (<c>psbt_fee_too_high</c>,
    /// <c>psbt_fee_rate_too_high</c>, as for payments).
    /// </summary>
    public static bool TryCreate(
        CovenantTemplate template,
        CovenantPlan plan,
        CovenantBranch branch,
        PaymentLimits limits,
        [NotNullWhen(true)] out CovenantSpend? spend,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        CovenantSpend? candidate = template.TryGetLeaf(branch, out _, out refusal) ? new CovenantSpend(template, plan, branch) : null;
        refusal ??= candidate!.FirstBroken(limits);
        spend = refusal is null ? candidate : null;
        return spend is not null;
    }

    /// <summary>
    /// The transaction, ready for the network, where the signer signs alone. Refuses a signature that does not verify
    /// (<c>covenant_signature_invalid</c>); throws <see cref="InvalidOperationException"/> when <see cref="NeedsOthers"/>.
    /// </summary>
    public bool TryFinish(Bytes64 signature, [NotNullWhen(true)] out Transaction? finished, [NotNullWhen(false)] out BitcoinRefusal? refusal) => NeedsOthers
        ? throw new InvalidOperationException($"{Template.Terms.Kind.ToName()} {Branch} is not finished by the signer alone.")
        : TryComplete(new Dictionary<XOnlyPublicKey, Bytes64> { [Template.Signer] = signature }, out finished, out refusal);

    /// <summary>
    /// What the others need to finish the transaction. Refuses a signature that does not verify (<c>covenant_signature_invalid</c>); throws
    /// <see cref="InvalidOperationException"/> when there are no others.
    /// </summary>
    public bool TryHandOff(Bytes64 signature, [NotNullWhen(true)] out CovenantHandoff? handoff, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        if (!NeedsOthers)
        {
            throw new InvalidOperationException($"{Template.Terms.Kind.ToName()} {Branch} leaves nothing to others.");
        }

        refusal = Verify(Leaf.Keys.Single(static key => key.Role == CovenantRole.Signer), signature.AsSpan());
        handoff = refusal is null ? new CovenantHandoff(this, signature) : null;
        return handoff is not null;
    }

    /// <summary>
    /// The transaction, ready for the network, from a signature for every key of the branch. Refuses signatures for other keys
    /// (<c>covenant_signature_unexpected</c>), a missing one (<c>covenant_signature_missing</c>), and one that does not verify
    /// (<c>covenant_signature_invalid</c>). Throws <see cref="InvalidOperationException"/> when the network would refuse what verified here.
    /// </summary>
    public bool TryComplete(
        IReadOnlyDictionary<XOnlyPublicKey, Bytes64> signatures,
        [NotNullWhen(true)] out Transaction? finished,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = signatures.Keys.Where(key => Leaf.Keys.All(known => known.Key != key))
            .Select(static key => new BitcoinRefusal(RefusalCodes.CovenantSignatureUnexpected, $"The branch has no key {key}.")).FirstOrDefault()
            ?? Leaf.Keys.Select(key => signatures.TryGetValue(key.Key, out Bytes64 signature)
                ? Verify(key, signature.AsSpan())
                : new BitcoinRefusal(RefusalCodes.CovenantSignatureMissing, $"The signature of the {key.Role} is missing."))
            .FirstOrDefault(static broken => broken is not null);
        finished = refusal is null ? WithWitness(Leaf.Keys.Select(key => signatures[key.Key])) : null;
        if (finished is not null && new ScriptInterpreter(finished, [Prevout]).FaultOf(0) is { } fault)
        {
            throw new InvalidOperationException($"Every signature verified, and the transaction is not valid all the same: {fault}");
        }

        return finished is not null;
    }

    /// <summary>
    /// Is it the planned transaction, finished through this branch? Refuses another one (<c>covenant_transaction_differs</c>), a witness that is not the
    /// signatures, script and control block of the branch (<c>covenant_witness_malformed</c>), and a signature that does not verify or is not of 64 bytes
    /// (<c>covenant_signature_invalid</c>).
    /// </summary>
    public bool TryVerify(Transaction finished, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = finished.Txid == Plan.Unsigned.Txid
            ? CheckWitness(finished.Inputs[0].Witness)
            : new BitcoinRefusal(RefusalCodes.CovenantTransactionDiffers, $"{finished.Txid} is not the planned transaction {Plan.Unsigned.Txid}.");
        return refusal is null;
    }

    private BitcoinRefusal? CheckWitness(Witness stack)
    {
        CovenantLeaf leaf = Leaf;
        int signatures = leaf.Keys.Count;
        bool isOfLeaf = stack.Count == signatures + 2
            && stack[signatures].SequenceEqual(leaf.Script.AsSpan())
            && stack[signatures + 1].SequenceEqual(leaf.ControlBlock);
        return isOfLeaf
            ? leaf.Keys.Select((key, index) => Verify(key, stack[signatures - 1 - index])).FirstOrDefault(static broken => broken is not null)
            : new BitcoinRefusal(RefusalCodes.CovenantWitnessMalformed, $"The witness is not {signatures} signatures, the script and its control block.");
    }

    private BitcoinRefusal? Verify(CovenantKey key, ReadOnlySpan<byte> signature) =>
        signature.Length == Bytes64.Length && Bip340.Verify(key.Key, Sighash.AsSpan(), FixedBytes.From<Bytes64>(signature))
            ? null
            : new BitcoinRefusal(RefusalCodes.CovenantSignatureInvalid, $"The signature of the {key.Role} does not verify under {key.Key}.");

    private BitcoinRefusal? FirstBroken(PaymentLimits limits) =>
        Leaf.Keys.All(static key => key.Role != CovenantRole.Signer)
            ? new BitcoinRefusal(RefusalCodes.CovenantBranchWithoutSigner, $"The signer has no key in {Template.Terms.Kind.ToName()} {Branch}.")
        : Plan.Unsigned.LockTime < Leaf.LockHeight
            ? new BitcoinRefusal(RefusalCodes.CovenantLockTimeTooEarly, $"The branch opens at {Leaf.LockHeight}, after the lock time {Plan.Unsigned.LockTime}.")
        : PaymentRules.CheckCost(Plan.FeeSat, VirtualSize, limits);

    private Transaction WithWitness(IEnumerable<Bytes64> signatures) => new(
        Plan.Unsigned.Version,
        [Plan.Unsigned.Inputs[0] with { Witness = Leaf.Stack(signatures) }],
        Plan.Unsigned.Outputs,
        Plan.Unsigned.LockTime);
}
