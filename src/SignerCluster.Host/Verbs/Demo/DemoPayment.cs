using System.Security.Cryptography;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>A payment from a group, and the check that its signatures stand on their own.</summary>
internal sealed class DemoPayment
{
    /// <summary>What the first input brings, and a payment of one input takes from its group when it pays a stranger.</summary>
    internal const long AmountSat = 50_000;
    private const long FeeSat = 1_000;
    private const byte TapscriptLeaf = 0xc0;
    private readonly GroupAccount _account;
    private readonly DerivedKey[] _keys;
    private readonly Bytes32?[] _merkleRoots;
    private readonly TxOut[] _prevouts;
    private readonly Transaction _unsigned;

    /// <param name="scriptedInput">The input that spends an output with a script tree beside the key path; null for none.</param>
    /// <param name="derivedInput">The input that spends from a derived address, m/0/5; null for none.</param>
    /// <param name="recipient">Who gets it all but for the fee; null for the group.</param>
    internal DemoPayment(XOnlyPublicKey groupKey, int inputs, int? scriptedInput, int? derivedInput = null, Script? recipient = null)
    {
        _account = new GroupAccount(groupKey);
        _keys = [.. Enumerable.Range(0, inputs).Select(input => input == derivedInput ? _account.Derive(DerivationPath.Receiving(5)) : _account.Own)];
        _merkleRoots = [.. Enumerable.Range(0, inputs).Select(input => input == scriptedInput ? ScriptRoot() : (Bytes32?)null)];
        _prevouts = [.. _keys.Zip(_merkleRoots).Select(static (one, input) => new TxOut(AmountSat * (input + 1), ScriptOf(one.First, one.Second)))];
        long totalSat = _prevouts.Sum(static prevout => prevout.AmountSat);
        _unsigned = new Transaction(
            2,
            [.. Enumerable.Range(0, inputs).Select(static input => new TxIn(new OutPoint(RandomTxid(), (uint)input), uint.MaxValue - 2))],
            [new TxOut(totalSat - FeeSat, recipient ?? ScriptOf(_account.Own, merkleRoot: null))],
            lockTime: 0);
    }

    /// <summary>The binary PSBT.</summary>
    internal byte[] ToPsbt()
    {
        Psbt psbt = Psbt.Create(_unsigned, _prevouts, [.. _keys.Select(static key => (XOnlyPublicKey?)key.InternalKey)]);
        for (int input = 0; input < _keys.Length; input++)
        {
            psbt = _merkleRoots[input] is { } root ? psbt.WithTapMerkleRoot(input, root) : psbt;
            psbt = _keys[input] == _account.Own ? psbt : psbt.WithInputKey(input, _account, _keys[input].Path);
        }

        return psbt.ToBytes();
    }

    /// <summary>
    /// Checks the finished transaction against what was asked for, from the unsigned transaction and the outputs that it spends alone: same inputs and
    /// outputs, and in every input a witness of exactly one signature that verifies for the sighash computed here. Null when all is well.
    /// </summary>
    internal string? FindFault(Transaction finished)
    {
        if (finished.Txid != _unsigned.Txid || finished.Inputs.Count != _prevouts.Length)
        {
            return "The finished transaction is not the one that was to be signed.";
        }

        for (int input = 0; input < _prevouts.Length; input++)
        {
            Witness witness = finished.Inputs[input].Witness;
            if (witness.Count != 1 || witness[0].Length != 64)
            {
                return $"The witness of input {input} is not one signature of 64 bytes.";
            }

            XOnlyPublicKey outputKey = _keys[input].OutputKey(_merkleRoots[input]);
            bool hashed = TaprootSighash.TryCompute(_unsigned, input, _prevouts, SighashType.Default, annex: default, out Bytes32 sighash, out _);
            if (!hashed || !Bip340.Verify(outputKey, sighash.AsSpan(), FixedBytes.From<Bytes64>(witness[0])))
            {
                return $"The signature of input {input} does not verify.";
            }
        }

        return null;
    }

    private static Script ScriptOf(DerivedKey key, Bytes32? merkleRoot) => Taproot.ScriptPubKey(key.OutputKey(merkleRoot));

    private static Bytes32 ScriptRoot() => Taproot.LeafHash(TapscriptLeaf, Script.ParseHex("51"));

    private static Txid RandomTxid() => new(FixedBytes.From<Bytes32>(RandomNumberGenerator.GetBytes(32)));
}
