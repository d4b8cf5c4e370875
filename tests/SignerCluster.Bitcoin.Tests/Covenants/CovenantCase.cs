using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests.Covenants;

/// <summary>Covenants whose three parties are whole keys here. Hashes and verdicts are NBitcoin's.</summary>
internal static class CovenantCase
{
    public const uint Maturity = 900_000;
    public const uint Delta2 = 1_008;
    public const uint Beta = 144;
    public const long AmountSat = 1_000_000;

    private static readonly byte[] _stranger = Secret(9);

    public static OutPoint OutPoint { get; } = new(new Txid(FixedBytes.From<Bytes32>(Secret(7))), 3);

    public static Script Payee { get; } = Taproot.ScriptPubKey(WholeKey.PublicKey(_stranger));

    public static XOnlyPublicKey Key(CovenantRole role) => WholeKey.PublicKey(SecretOf(role));

    public static CovenantTerms Terms(CovenantKind kind) => new(
        kind,
        Key(CovenantRole.Depositor).ToBytes(),
        Key(CovenantRole.Signer).ToBytes(),
        Maturity,
        Delta2,
        kind == CovenantKind.QcV1 ? new CovenantCustodian(Key(CovenantRole.Custodian).ToBytes(), Beta) : null);

    public static CovenantTemplate Template(CovenantTerms terms)
    {
        Assert.True(CovenantTemplate.TryCreate(terms, out CovenantTemplate? template, out BitcoinRefusal? refusal), refusal?.ToString());
        return template;
    }

    public static CovenantTemplate Template(CovenantKind kind) => Template(Terms(kind));

    public static CovenantPlan Plan(uint lockHeight, long feeSat = 1_000)
    {
        (Script, long)[] outputs = [(Payee, AmountSat - CovenantPlan.AnchorSat - feeSat), (Payee, CovenantPlan.AnchorSat)];
        Assert.True(CovenantPlan.TryCreate(OutPoint, AmountSat, outputs, lockHeight, out CovenantPlan? plan, out BitcoinRefusal? refusal), refusal?.ToString());
        return plan;
    }

    /// <summary>Locked to the height at which the branch opens.</summary>
    public static CovenantSpend Spend(CovenantKind kind, CovenantBranch branch)
    {
        CovenantTemplate template = Template(kind);
        CovenantPlan plan = Plan(Leaf(template, branch).LockHeight);
        Assert.True(
            CovenantSpend.TryCreate(template, plan, branch, PaymentLimits.Default, out CovenantSpend? spend, out BitcoinRefusal? refusal), refusal?.ToString());
        return spend;
    }

    public static CovenantLeaf Leaf(CovenantTemplate template, CovenantBranch branch)
    {
        Assert.True(template.TryGetLeaf(branch, out CovenantLeaf? leaf, out BitcoinRefusal? refusal), refusal?.ToString());
        return leaf;
    }

    public static Bytes64 Sign(CovenantRole role, Bytes32 message) => WholeKey.Sign(SecretOf(role), [], message);

    public static Bytes64 SignAsStranger(Bytes32 message) => WholeKey.Sign(_stranger, [], message);

    public static Dictionary<XOnlyPublicKey, Bytes64> Signatures(CovenantSpend spend, params IEnumerable<CovenantRole> roles) =>
        roles.ToDictionary(Key, role => Sign(role, spend.Sighash));

    /// <summary>A transaction that spends a covenant through a leaf, signed by every key of it: the way of somebody who has only the leaf.</summary>
    public static Transaction Signed(CovenantTemplate template, CovenantLeaf leaf, Transaction unsigned)
    {
        byte[] hash = SighashTwin.Compute(unsigned, 0, [Prevout(template)], 0, annex: [], leaf.Hash);
        IEnumerable<byte[]> signatures = leaf.Keys.Reverse().Select(key => Sign(key.Role, FixedBytes.From<Bytes32>(hash)).AsSpan().ToArray());
        return WithStack(unsigned, [.. signatures, leaf.Script.AsSpan().ToArray(), leaf.ControlBlock.ToArray()]);
    }

    public static Transaction WithStack(Transaction transaction, params IReadOnlyList<byte[]> stack) => new(
        transaction.Version, [transaction.Inputs[0] with { Witness = Witness.FromItems(stack) }], transaction.Outputs, transaction.LockTime);

    public static TxOut Prevout(CovenantTemplate template) => new(AmountSat, template.ScriptPubKey);

    /// <summary>What NBitcoin's interpreter with the standard flags says; null when it takes the transaction.</summary>
    public static string? FaultOf(CovenantTemplate template, Transaction transaction) => new ScriptInterpreter(transaction, [Prevout(template)]).FaultOf(0);

    private static byte[] SecretOf(CovenantRole role) => Secret((byte)(role + 1));

    private static byte[] Secret(byte filling) => [.. Enumerable.Repeat(filling, 32)];
}
