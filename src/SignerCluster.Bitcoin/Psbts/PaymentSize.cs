using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>What the finished transaction of a PSBT weighs (BIP-0141), foreseen for inputs that are not final.</summary>
internal static class PaymentSize
{
    private const int WitnessScale = 4;

    // Marker and flag, which a transaction has as soon as one input has a witness.
    private const int SegwitMarkerWeight = 2;

    // One signature of at most 72 bytes and a compressed key, each with its length.
    private const int EcdsaSpend = 1 + 72 + 1 + 33;

    public static long VirtualSize(Psbt psbt)
    {
        Transaction transaction = PsbtFinalizer.WithFinalScripts(psbt);
        long stripped = transaction.ToBytesWithoutWitness().Length;
        long witnesses = 0;
        for (int index = 0; index < psbt.Inputs.Count; index++)
        {
            (int script, int witness) = psbt.IsFinal(index) ? (0, transaction.Inputs[index].Witness.AsEncodedSpan().Length) : Foresee(psbt, index);
            stripped += script;
            witnesses += witness;
        }

        // Every input has at least the count of its items once the transaction has a witness at all.
        bool hasWitness = witnesses > psbt.Inputs.Count;
        long weight = (WitnessScale * stripped) + (hasWitness ? SegwitMarkerWeight + witnesses : 0);
        return (weight + WitnessScale - 1) / WitnessScale;
    }

    // What nobody can foresee counts as nothing: then the fee rate comes out too high rather than too low.
    private static (int Script, int Witness) Foresee(Psbt psbt, int index)
    {
        const int none = 1;
        if (psbt.Prevouts[index] is not { } prevout)
        {
            return (0, none);
        }

        return prevout.ScriptPubKey.AsSpan() switch
        {
            [0x51, 0x20, ..] when prevout.ScriptPubKey.Length == 34 => (0, none + 1 + (DemandsSuffix(psbt.Inputs[index], index) ? 65 : 64)),
            [0x00, 0x14, ..] when prevout.ScriptPubKey.Length == 22 => (0, none + EcdsaSpend),
            [0x76, 0xa9, 0x14, .., 0x88, 0xac] when prevout.ScriptPubKey.Length == 25 => (EcdsaSpend, none),
            _ => (0, none),
        };
    }

    private static bool DemandsSuffix(PsbtMap input, int index) => input.TryGetSighashType(index, out SighashType type, out _) && type != SighashType.Default;
}
