using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Verifies the signatures that a PSBT already has, whoever brought them, as far as the UTXOs are known.</summary>
internal sealed class PsbtSignatures
{
    private readonly Psbt _psbt;
    private readonly TaprootSighash _hashes;
    private readonly bool _allKnown;
    private ScriptInterpreter? _interpreter;

    public PsbtSignatures(Psbt psbt)
    {
        _psbt = psbt;
        // The counts agree, because the parser resolved one prevout per input.
        TaprootSighash.TryPrepare(psbt.UnsignedTransaction, psbt.Prevouts, out TaprootSighash? hashes, out _);
        _hashes = hashes!;
        _allKnown = !psbt.Prevouts.Contains(null);
    }

    /// <summary>The first input with a key-path signature or a final script that does not hold; null when all that can be judged do.</summary>
    public static BitcoinRefusal? FirstInvalid(Psbt psbt)
    {
        PsbtSignatures signatures = new(psbt);
        return psbt.Inputs.Select((_, index) => signatures.CheckWhatIsThere(index)).FirstOrDefault(static refusal => refusal is not null);
    }

    /// <summary>Refuses an input that has no key-path signature, or one that does not verify; its value is the only item of the witness.</summary>
    public BitcoinRefusal? CheckKeySignature(int index, out byte[] signature)
    {
        signature = [];
        if (!_psbt.Inputs[index].TryGet(InputKeyType.TapKeySignature, out ReadOnlySpan<byte> bytes))
        {
            return new BitcoinRefusal(RefusalCodes.PsbtNotSigned, $"Input {index} has neither a key-path signature nor a final script.");
        }

        signature = bytes.ToArray();
        return _psbt.Prevouts[index] is { } prevout
            ? Verify(index, prevout, bytes)
            : new BitcoinRefusal(RefusalCodes.PsbtMissingUtxo, $"The signature of input {index} cannot be verified without its UTXO.");
    }

    private BitcoinRefusal? CheckWhatIsThere(int index)
    {
        PsbtMap map = _psbt.Inputs[index];
        BitcoinRefusal? refusal = _psbt.Prevouts[index] is not { } prevout ? null
            : map.IsFinal() ? CheckFinal(index, prevout, map.FinalWitness())
            : map.HasTapKeySignature() ? CheckKeySignature(index, out _)
            : null;
        return refusal?.Code == RefusalCodes.PsbtMissingUtxo ? null : refusal;
    }

    private BitcoinRefusal? CheckFinal(int index, TxOut prevout, Witness witness)
    {
        bool isTaproot = prevout.ScriptPubKey.TryGetTaprootProgram(out _);
        if (isTaproot && witness.Count == 1 && _psbt.Inputs[index].FinalScriptSig().Length == 0)
        {
            return witness[0].Length is 64 or 65 ? Verify(index, prevout, witness[0]) : Invalid(index, "is no key-path signature");
        }

        // A script path commits to all UTXOs, and without them nobody can tell.
        if (isTaproot && !_allKnown)
        {
            return null;
        }

        _interpreter ??= new ScriptInterpreter(PsbtFinalizer.WithFinalScripts(_psbt), _psbt.Prevouts);
        if (_interpreter.SigOpCost > ScriptInterpreter.MaximumSigOpCost)
        {
            return new BitcoinRefusal(
                RefusalCodes.PsbtTooManySigOps,
                $"The final scripts ask for {_interpreter.SigOpCost} signature operations, and nodes pass on no transaction with more than "
                    + $"{ScriptInterpreter.MaximumSigOpCost}.");
        }

        return _interpreter.FaultOf(index) is { } fault ? Invalid(index, $"is refused by the script interpreter ({fault})") : null;
    }

    private BitcoinRefusal? Verify(int index, TxOut prevout, ReadOnlySpan<byte> bytes)
    {
        SighashType type = bytes.Length == 64 ? SighashType.Default : (SighashType)bytes[64];
        if ((bytes.Length == 65 && type == SighashType.Default) || !type.IsValid() || !_psbt.Inputs[index].AcceptsSighashType(type))
        {
            return new BitcoinRefusal(RefusalCodes.PsbtSighashTypeInvalid, $"The signature of input {index} has the hash type 0x{(int)type:x2}.");
        }

        if (!_hashes.TryCompute(index, type, annex: default, out Bytes32 sighash, out BitcoinRefusal? refusal))
        {
            return refusal.Code == RefusalCodes.SighashMissingPrevout ? refusal with { Code = RefusalCodes.PsbtMissingUtxo } : refusal;
        }

        bool verifies = prevout.ScriptPubKey.TryGetTaprootProgram(out Bytes32 program)
            && XOnlyPublicKey.TryParse(program.AsSpan(), out XOnlyPublicKey outputKey)
            && Bip340.Verify(outputKey, sighash.AsSpan(), FixedBytes.From<Bytes64>(bytes[..64]));
        return verifies ? null : Invalid(index, "does not verify under the output that it spends");
    }

    private static BitcoinRefusal Invalid(int index, string why) => new(RefusalCodes.PsbtInvalidSignature, $"The signature of input {index} {why}.");
}
