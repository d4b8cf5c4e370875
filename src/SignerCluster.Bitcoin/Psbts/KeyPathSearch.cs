using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Sorts the inputs of one PSBT for one group key.</summary>
internal sealed class KeyPathSearch(Psbt psbt, XOnlyPublicKey groupKey)
{
    // Shared by all inputs without scripts, which are nearly all there are.
    private readonly XOnlyPublicKey _outputKeyWithoutScripts = Taproot.OutputKey(groupKey, merkleRoot: null);
    private readonly List<KeyPathInput> _toSign = [];
    private readonly List<int> _alreadySigned = [];
    private readonly List<int> _foreign = [];
    private readonly List<int> _unknown = [];

    public bool TryRun([NotNullWhen(true)] out KeyPathInputs? found, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        found = null;
        refusal = null;
        // The counts agree, because the parser resolved one prevout per input.
        TaprootSighash.TryPrepare(psbt.UnsignedTransaction, psbt.Prevouts, out TaprootSighash? hashes, out _);
        for (int index = 0; index < psbt.Prevouts.Count; index++)
        {
            refusal = Sort(index, hashes!);
            if (refusal is not null)
            {
                return false;
            }
        }

        refusal = _toSign.Count == 0 ? WhyNone() : null;
        found = refusal is null ? new KeyPathInputs(_toSign, _alreadySigned, _foreign, _unknown) : null;
        return found is not null;
    }

    private BitcoinRefusal? Sort(int index, TaprootSighash hashes)
    {
        if (psbt.Prevouts[index] is not { } prevout)
        {
            _unknown.Add(index);
            return null;
        }

        Bytes32? merkleRoot = psbt.Inputs[index].TapMerkleRoot();
        XOnlyPublicKey outputKey = merkleRoot is null ? _outputKeyWithoutScripts : Taproot.OutputKey(groupKey, merkleRoot);
        bool isOurs = prevout.ScriptPubKey.TryGetTaprootProgram(out Bytes32 program) && program == outputKey.ToBytes();
        if (psbt.Inputs[index].TapInternalKey() is { } declared && (declared == groupKey.ToBytes()) != isOurs)
        {
            return new BitcoinRefusal(
                RefusalCodes.PsbtKeyContradiction, $"The internal key and the merkle root that input {index} states do not lead to the output that it spends.");
        }

        if (!isOurs)
        {
            _foreign.Add(index);
            return null;
        }

        if (psbt.IsFinal(index) || psbt.Inputs[index].HasTapKeySignature())
        {
            _alreadySigned.Add(index);
            return null;
        }

        return AddToSign(index, merkleRoot, outputKey, hashes);
    }

    private BitcoinRefusal? AddToSign(int index, Bytes32? merkleRoot, XOnlyPublicKey outputKey, TaprootSighash hashes)
    {
        if (!psbt.Inputs[index].TryGetSighashType(index, out SighashType type, out BitcoinRefusal? refusal))
        {
            return refusal;
        }

        if (!hashes.TryCompute(index, type, annex: default, out Bytes32 sighash, out refusal))
        {
            return refusal.Code == RefusalCodes.SighashMissingPrevout ? refusal with { Code = RefusalCodes.PsbtMissingUtxo } : refusal;
        }

        _toSign.Add(new KeyPathInput(index, merkleRoot, Taproot.Tweak(groupKey, merkleRoot), outputKey, type, sighash));
        return null;
    }

    private BitcoinRefusal WhyNone()
    {
        if (_unknown.Count > 0)
        {
            return new BitcoinRefusal(RefusalCodes.PsbtMissingUtxo, $"No UTXO tells what these inputs spend: {string.Join(", ", _unknown)}.");
        }

        return _alreadySigned.Count > 0
            ? new BitcoinRefusal(RefusalCodes.PsbtAlreadySigned, $"Every input of the key has its signature: {string.Join(", ", _alreadySigned)}.")
            : new BitcoinRefusal(RefusalCodes.PsbtForeignKey, $"None of the {_foreign.Count} inputs spends a taproot output of the key {groupKey}.");
    }
}
