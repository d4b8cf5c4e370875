using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Messages;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>Payments of a group that is one whole key here.</summary>
internal static class Payments
{
    public const long InputSat = 100_000;

    private static readonly byte[] _secret = Convert.FromHexString("6b973d88838f27366ed61c9ad6367663045cb456e28335c109e30717ae0c6baa");

    public static XOnlyPublicKey Group { get; } = WholeKey.PublicKey(_secret);

    public static GroupAccount Account { get; } = new(Group);

    public static XOnlyPublicKey OutputKey { get; } = Taproot.OutputKey(Group, merkleRoot: null);

    public static Script Script { get; } = Taproot.ScriptPubKey(OutputKey);

    public static OutPoint Spent(int input) => new(new Txid(FixedBytes.From<Bytes32>(Enumerable.Repeat((byte)(input + 1), 32).ToArray())), (uint)input);

    /// <summary>Spends 100,000 sat of the group in each input; of a stranger in the given ones.</summary>
    public static Psbt Spending(int inputs, long paidSat, params Script[] strangers)
    {
        TxOut[] prevouts = [.. Enumerable.Repeat(new TxOut(InputSat, Script), inputs), .. strangers.Select(static script => new TxOut(InputSat, script))];
        Transaction unsigned = new(2, prevouts.Select(static (_, input) => new TxIn(Spent(input))), [new TxOut(paidSat, Script)], 0);
        return Psbt.Create(unsigned, prevouts, new XOnlyPublicKey?[prevouts.Length]);
    }

    /// <summary>The script of a derived address, with a script tree or without one.</summary>
    public static Script ScriptOf(DerivationPath path, Bytes32? merkleRoot = null) => Taproot.ScriptPubKey(Account.Derive(path).OutputKey(merkleRoot));

    public static DerivationPath Path(params uint[] steps)
    {
        Assert.True(DerivationPath.TryFrom(steps, out DerivationPath? path, out BitcoinRefusal? refusal), refusal?.ToString());
        return path;
    }

    public static Bytes64 Sign(KeyPathInput input) => Sign(input.Steps, input.Sighash);

    public static Bytes64 Sign(ProofRequest request) => Sign(request.Steps, request.Sighash);

    public static Bytes64 Sign(IReadOnlyList<KeyStep> steps, Bytes32 sighash) => WholeKey.Sign(_secret, steps, sighash);

    public static KeyPathInputs Accept(Psbt psbt)
    {
        Assert.True(psbt.TryAccept(Group, PaymentLimits.Default, out KeyPathInputs? found, out BitcoinRefusal? refusal), refusal?.ToString());
        return found;
    }

    /// <summary>All of the group's signatures, as the cluster would bring them.</summary>
    public static SignedPsbt Complete(Psbt psbt)
    {
        Assert.True(
            psbt.TrySign([.. Accept(psbt).ToSign.Select(static input => (input, Sign(input)))], out SignedPsbt? signed, out BitcoinRefusal? refusal),
            refusal?.ToString());
        return signed;
    }

    public static BitcoinRefusal RefusalOf(Psbt psbt, PaymentLimits? limits = null)
    {
        Assert.False(psbt.TryAccept(Group, limits ?? PaymentLimits.Default, out _, out BitcoinRefusal? refusal));
        return refusal;
    }

    /// <summary>The same payment as a version 2 PSBT, with a pair that no BIP defines in front of everything else in each map.</summary>
    public static Psbt ToVersion2(Psbt psbt, byte? modifiable = null)
    {
        Transaction unsigned = psbt.UnsignedTransaction;
        PsbtMap global = PsbtMap.Empty.With(GlobalKeyType.TransactionVersion, BitConverter.GetBytes(unsigned.Version))
            .With(GlobalKeyType.InputCount, [(byte)unsigned.Inputs.Count]).With(GlobalKeyType.OutputCount, [(byte)unsigned.Outputs.Count])
            .With(GlobalKeyType.Version, BitConverter.GetBytes(2));
        global = modifiable is { } flags ? global.With(GlobalKeyType.TransactionModifiable, [flags]) : global;
        ByteWriter writer = new();
        writer.WriteBytes(PsbtParser.Magic);
        IEnumerable<PsbtMap> inputs = psbt.Inputs.Select((map, index) => map
            .With(InputKeyType.PreviousTxid, unsigned.Inputs[index].PreviousOutput.Txid.InternalOrder.AsSpan())
            .With(InputKeyType.OutputIndex, BitConverter.GetBytes(unsigned.Inputs[index].PreviousOutput.Index)));
        IEnumerable<PsbtMap> outputs = psbt.Outputs.Select((map, index) => map
            .With(OutputKeyType.Amount, BitConverter.GetBytes(unsigned.Outputs[index].AmountSat))
            .With(OutputKeyType.Script, unsigned.Outputs[index].ScriptPubKey.AsSpan()));
        foreach (PsbtMap map in (PsbtMap[])[global, .. inputs, .. outputs])
        {
            writer.WriteBytes([1, 0xF0, 1, 7]);
            map.Write(writer);
        }

        Assert.True(Psbt.TryParse(writer.Written, out Psbt? parsed, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Equal((2, unsigned.Txid), (parsed.Version, parsed.UnsignedTransaction.Txid));
        return parsed;
    }
}
