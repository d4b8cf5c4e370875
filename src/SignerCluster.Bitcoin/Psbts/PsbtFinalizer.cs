using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>The finalizer and extractor roles of BIP-0174 for key-path spends.</summary>
internal static class PsbtFinalizer
{
    public static bool TryFinalize(Psbt psbt, [NotNullWhen(true)] out Psbt? finalized, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        finalized = null;
        refusal = null;
        TaprootSighash.TryPrepare(psbt.UnsignedTransaction, psbt.Prevouts, out TaprootSighash? hashes, out _);
        PsbtMap[] inputs = [.. psbt.Inputs];
        for (int index = 0; index < inputs.Length; index++)
        {
            if (psbt.IsFinal(index))
            {
                continue;
            }

            refusal = CheckSignature(psbt, index, hashes!, out byte[] signature);
            if (refusal is not null)
            {
                return false;
            }

            inputs[index] = inputs[index]
                .Where(static type => type is InputKeyType.NonWitnessUtxo or InputKeyType.WitnessUtxo or > InputKeyType.TapMerkleRoot)
                .With(InputKeyType.FinalScriptWitness, Witness.FromItems(signature).AsEncodedSpan());
        }

        finalized = psbt.WithMaps(inputs, [.. psbt.Outputs.Select(output => output.Where(static type => type != OutputKeyType.TapBip32Derivation))]);
        return true;
    }

    public static bool TryExtract(Psbt psbt, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        transaction = null;
        refusal = null;
        Transaction unsigned = psbt.UnsignedTransaction;
        TxIn[] inputs = new TxIn[unsigned.Inputs.Count];
        for (int index = 0; index < inputs.Length; index++)
        {
            if (!psbt.IsFinal(index))
            {
                refusal = new BitcoinRefusal(RefusalCodes.PsbtNotFinal, $"Input {index} is not final.");
                return false;
            }

            inputs[index] = unsigned.Inputs[index] with { ScriptSig = psbt.FinalScriptSig(index), Witness = psbt.FinalWitness(index) };
        }

        transaction = new Transaction(unsigned.Version, inputs, unsigned.Outputs, unsigned.LockTime);
        return true;
    }

    private static BitcoinRefusal? CheckSignature(Psbt psbt, int index, TaprootSighash hashes, out byte[] signature)
    {
        signature = [];
        if (!psbt.Inputs[index].TryGet(InputKeyType.TapKeySignature, out ReadOnlySpan<byte> bytes))
        {
            return new BitcoinRefusal(RefusalCodes.PsbtNotSigned, $"Input {index} has neither a key-path signature nor a final script.");
        }

        if (psbt.Prevouts[index] is not { } prevout)
        {
            return new BitcoinRefusal(RefusalCodes.PsbtMissingUtxo, $"The signature of input {index} cannot be verified without its UTXO.");
        }

        SighashType type = bytes.Length == 64 ? SighashType.Default : (SighashType)bytes[64];
        if ((bytes.Length == 65 && type == SighashType.Default) || !type.IsValid() || !psbt.AcceptsSighashType(index, type))
        {
            return new BitcoinRefusal(RefusalCodes.PsbtSighashTypeInvalid, $"The signature of input {index} has the hash type 0x{(int)type:x2}.");
        }

        if (!hashes.TryCompute(index, type, annex: default, out Bytes32 sighash, out BitcoinRefusal? refusal))
        {
            return refusal.Code == RefusalCodes.SighashMissingPrevout ? refusal with { Code = RefusalCodes.PsbtMissingUtxo } : refusal;
        }

        bool verifies = prevout.ScriptPubKey.TryGetTaprootProgram(out Bytes32 program)
            && XOnlyPublicKey.TryParse(program.AsSpan(), out XOnlyPublicKey outputKey)
            && Bip340.Verify(outputKey, sighash.AsSpan(), FixedBytes.From<Bytes64>(bytes[..64]));
        signature = bytes.ToArray();
        return verifies
            ? null
            : new BitcoinRefusal(RefusalCodes.PsbtInvalidSignature, $"The signature of input {index} does not verify under the output that it spends.");
    }
}
