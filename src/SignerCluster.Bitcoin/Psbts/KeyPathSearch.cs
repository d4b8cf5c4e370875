using System.Diagnostics.CodeAnalysis;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>Sorts the inputs of one PSBT for one group key.</summary>
internal sealed class KeyPathSearch(Psbt psbt, XOnlyPublicKey groupKey)
{
    private readonly GroupOutputs _outputs = new(groupKey);
    private readonly List<KeyPathInput> _toSign = [];
    private readonly List<int> _alreadySigned = [];
    private readonly List<int> _foreign = [];
    private readonly List<int> _unknown = [];
    private string? _unproved;

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

        PsbtMap map = psbt.Inputs[index];
        Bytes32? internalKey = map.TapInternalKey();
        KeyClaim claim = _outputs.ClaimIn(map, InputKeyType.TapBip32Derivation, internalKey);
        GroupOutput? spent = _outputs.Find(prevout.ScriptPubKey, map.TapMerkleRoot(), claim.Child);
        if (internalKey is { } stated && Contradicts(stated, spent, claim.Child))
        {
            return new BitcoinRefusal(
                RefusalCodes.PsbtKeyContradiction, $"The internal key and the merkle root that input {index} states do not lead to the output that it spends.");
        }

        if (spent is null)
        {
            _foreign.Add(index);
            _unproved ??= claim.Fault is { } fault ? $" Input {index} has the group's fingerprint in its derivation, but: {fault}" : null;
            return null;
        }

        if (psbt.IsFinal(index) || map.HasTapKeySignature())
        {
            _alreadySigned.Add(index);
            return null;
        }

        return AddToSign(index, spent, hashes);
    }

    // An output of the group has the key as its internal key that the group's own key or the proved child is, and no other output states either of them.
    private bool Contradicts(Bytes32 stated, GroupOutput? spent, DerivedKey? child) => spent is null
        ? stated == groupKey.ToBytes() || (child is not null && stated == child.InternalKey.ToBytes())
        : stated != spent.Key.InternalKey.ToBytes();

    private BitcoinRefusal? AddToSign(int index, GroupOutput spent, TaprootSighash hashes)
    {
        if (!psbt.Inputs[index].TryGetSighashType(index, out SighashType type, out BitcoinRefusal? refusal))
        {
            return refusal;
        }

        if (!hashes.TryCompute(index, type, annex: default, out Bytes32 sighash, out refusal))
        {
            return refusal.Code == RefusalCodes.SighashMissingPrevout ? refusal with { Code = RefusalCodes.PsbtMissingUtxo } : refusal;
        }

        _toSign.Add(new KeyPathInput(index, spent.Key.Path, spent.MerkleRoot, spent.Steps, spent.OutputKey, type, sighash));
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
            : new BitcoinRefusal(
                RefusalCodes.PsbtForeignKey,
                $"None of the {_foreign.Count} inputs spends a taproot output of the key {groupKey}, or of a child of it that the PSBT names.{_unproved}");
    }
}
