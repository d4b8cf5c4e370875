using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol.Policy;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>
/// A payment as policies judge it: two inputs of the group with 40,000 sat each and one of a stranger with 1,000 sat, paying 50,000 sat to Alice, 20,000 sat to
/// Bob and 9,000 sat back to the group. The fee is 2,000 sat, and the group loses 71,000 sat.
/// </summary>
internal static class Withdrawal
{
    internal const ulong OutflowSat = 71_000;
    private const int Stranger = 1;

    internal static Script Alice { get; } = ScriptOf("alice");

    internal static Script Bob { get; } = ScriptOf("bob");

    internal static Script Carol { get; } = ScriptOf("carol");

    /// <summary>What the stranger's input spends.</summary>
    internal static Script Dave { get; } = ScriptOf("dave");

    internal static Script ChangeOf(Party party) => Taproot.ScriptPubKey(Taproot.OutputKey(party.Group.GroupKey.XOnly, merkleRoot: null));

    internal static Psbt Psbt(Party party, params (long AmountSat, Script Script)[] outputs)
    {
        Script own = ChangeOf(party);
        TxOut[] prevouts = [new TxOut(40_000, own), new TxOut(1_000, Dave), new TxOut(40_000, own)];
        TxIn[] inputs = [.. prevouts.Select(static (_, index) => new TxIn(new OutPoint(new Txid(Party.Hash("coins")), (uint)index)))];
        (long, Script)[] paid = outputs.Length > 0 ? outputs : [(50_000, Alice), (20_000, Bob), (9_000, own)];
        Transaction unsigned = new(2, inputs, paid.Select(static output => new TxOut(output.Item1, output.Item2)), lockTime: 0);
        return Bitcoin.Psbts.Psbt.Create(unsigned, prevouts, [.. prevouts.Select(static _ => (XOnlyPublicKey?)null)]);
    }

    internal static AcceptedPayment Accept(Party party, Psbt psbt)
    {
        XOnlyPublicKey group = party.Group.GroupKey.XOnly;
        Assert.True(psbt.TryAccept(group, PaymentLimits.Default, out KeyPathInputs? inputs, out _));
        Assert.Equal([Stranger], inputs.Foreign);
        AcceptedPayment payment = AcceptedPayment.Of(psbt, inputs, inputs.ToSign.Select(static input => input.Index), group);
        // A guardian debits the same, and accepts nothing else than what is fixed.
        Assert.True(!payment.IsFixed || payment.OutflowSat == psbt.OutflowOf(group, inputs));
        return payment;
    }

    /// <summary>The yes of a named person to the payment.</summary>
    internal static Approval ApprovalOf(string person, GroupId group, Txid txid)
    {
        using SigningKey key = KeyOf(person);
        return new Approval(key.Public, key.Sign(Approval.MessageOf(group, txid).AsSpan(), Party.Hash("auxiliary").AsSpan()));
    }

    internal static XOnlyPublicKey IdentityOf(string person)
    {
        using SigningKey key = KeyOf(person);
        return key.Public;
    }

    private static SigningKey KeyOf(string person)
    {
        Assert.True(SecretScalar.TryParse(Party.Hash(person).AsSpan(), out SecretScalar? secret));
        using (secret)
        {
            return new SigningKey(secret);
        }
    }

    private static Script ScriptOf(string name) => Script.From([0x00, 0x14, .. Party.Hash(name).AsSpan()[..20]]);
}
