using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A transaction that spends one output of the group, in part back to it.</summary>
/// <param name="Debit">What leaves the group, by whoever made the transaction.</param>
internal sealed record Payment(SigningRequest Request, Bytes32 Txid, ulong Debit)
{
    private const long Spent = 1_000_000;

    /// <summary>The transactions of two numbers differ, and so do their debits, which are 10,000 satoshis times the number.</summary>
    internal static Payment Of(TestGroup group, int number)
    {
        XOnlyPublicKey key = group.Public.GroupKey.XOnly;
        Script own = Taproot.ScriptPubKey(Taproot.OutputKey(key, merkleRoot: null));
        // The bare key is no address of the group: nobody has tweaked it.
        Script foreign = Taproot.ScriptPubKey(key);
        long debit = 10_000L * number;
        const long fee = 1_000;
        Transaction unsigned = new(
            2,
            [new TxIn(new OutPoint(new Txid(FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)number, 32)])), 0))],
            [new TxOut(debit - fee, foreign), new TxOut(Spent - debit, own)],
            lockTime: 0);
        Psbt psbt = Psbt.Create(unsigned, [new TxOut(Spent, own)], [key]);
        psbt.TryFindKeyPathInputs(key, out KeyPathInputs? inputs, out _);
        KeyPathInput input = inputs!.ToSign[0];
        SigningRequest request = new(
            group.Id,
            input.Sighash,
            TweakList.Of(input.Steps),
            new PolicyArtefact.PsbtInput(ByteString.From(psbt.ToBytes()), input.Index));
        return new Payment(request, unsigned.Txid.InternalOrder, (ulong)debit);
    }
}
