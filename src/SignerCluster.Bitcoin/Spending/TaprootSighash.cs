using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Spending;

/// <summary>
/// The BIP-0341 signature hash of the spends of one transaction, by key or by script (BIP-0342). What all inputs share is hashed once here, so that
/// ten inputs do not cost ten passes over the transaction. Immutable.
/// </summary>
public sealed class TaprootSighash
{
    private const byte Epoch = 0;
    private const byte AnnexPrefix = 0x50;
    private const byte KeyVersion = 0;
    private const uint NoCodeSeparator = 0xFFFF_FFFF;
    private static readonly TaggedHash _tapSighash = new("TapSighash");

    private readonly Transaction _transaction;
    private readonly TxOut?[] _prevouts;
    private readonly int _firstMissing;

    private TaprootSighash(Transaction transaction, TxOut?[] prevouts)
    {
        _transaction = transaction;
        _prevouts = prevouts;
        _firstMissing = Array.IndexOf(prevouts, null);
        Prevouts = HashOfEach(transaction.Inputs, static (writer, input) => writer.WriteOutPoint(input.PreviousOutput));
        Sequences = HashOfEach(transaction.Inputs, static (writer, input) => writer.WriteUInt32(input.Sequence));
        Outputs = HashOfEach(transaction.Outputs, static (writer, output) => writer.WriteTxOut(output));
        if (_firstMissing < 0)
        {
            Amounts = HashOfEach(prevouts, static (writer, prevout) => writer.WriteInt64(prevout!.AmountSat));
            ScriptPubKeys = HashOfEach(prevouts, static (writer, prevout) => writer.WriteVariableBytes(prevout!.ScriptPubKey.AsSpan()));
        }
    }

    internal Bytes32 Prevouts { get; }

    internal Bytes32 Amounts { get; }

    internal Bytes32 ScriptPubKeys { get; }

    internal Bytes32 Sequences { get; }

    internal Bytes32 Outputs { get; }

    /// <summary>
    /// Prepares the hashes of a transaction whose input i spends <paramref name="prevouts"/>[i]. An unknown prevout is null: then only
    /// ANYONECANPAY hashes of the other inputs can be had. Refuses when the counts differ.
    /// </summary>
    public static bool TryPrepare(
        Transaction transaction,
        IReadOnlyList<TxOut?> prevouts,
        [NotNullWhen(true)] out TaprootSighash? sighash,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        bool matches = prevouts.Count == transaction.Inputs.Count;
        sighash = matches ? new TaprootSighash(transaction, [.. prevouts]) : null;
        refusal = matches
            ? null
            : new BitcoinRefusal(RefusalCodes.SighashPrevoutCount, $"{transaction.Inputs.Count} inputs cannot spend {prevouts.Count} prevouts.");
        return matches;
    }

    /// <summary>One hash without keeping the shared part; see <see cref="TryPrepare"/> and the instance method for what is refused.</summary>
    public static bool TryCompute(
        Transaction transaction,
        int inputIndex,
        IReadOnlyList<TxOut?> prevouts,
        SighashType type,
        ReadOnlySpan<byte> annex,
        out Bytes32 sighash,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        sighash = default;
        return TryPrepare(transaction, prevouts, out TaprootSighash? prepared, out refusal)
            && prepared.TryCompute(inputIndex, type, annex, out sighash, out refusal);
    }

    /// <summary>
    /// The 32-byte message that the key-path signature of an input signs. <paramref name="annex"/> is empty for none, else begins with 0x50.
    /// Refuses an input that does not exist, an undefined type, SINGLE without an output of the same index, a malformed annex, and a
    /// prevout that is unknown although the type commits to it.
    /// </summary>
    public bool TryCompute(
        int inputIndex, SighashType type, ReadOnlySpan<byte> annex, out Bytes32 sighash, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        TryCompute(inputIndex, type, annex, leafHash: null, out sighash, out refusal);

    /// <summary>
    /// The 32-byte message that every signature in a tapscript without OP_CODESEPARATOR signs (BIP-0342); <paramref name="leafHash"/> is that of its leaf.
    /// Refuses what the key path does.
    /// </summary>
    public bool TryComputeForScript(
        int inputIndex,
        SighashType type,
        ReadOnlySpan<byte> annex,
        Bytes32 leafHash,
        out Bytes32 sighash,
        [NotNullWhen(false)] out BitcoinRefusal? refusal) => TryCompute(inputIndex, type, annex, leafHash, out sighash, out refusal);

    /// <summary>
    /// The bytes behind the hash, epoch included: 0x00 ‖ SigMsg(type, 0), or for a leaf 0x00 ‖ SigMsg(type, 1) ‖ ext. The arguments have passed
    /// <see cref="Check"/>.
    /// </summary>
    internal ReadOnlySpan<byte> Message(int inputIndex, SighashType type, ReadOnlySpan<byte> annex, Bytes32? leafHash = null)
    {
        ByteWriter writer = new();
        writer.WriteBytes([Epoch, (byte)type]);
        writer.WriteInt32(_transaction.Version);
        writer.WriteUInt32(_transaction.LockTime);
        if (!type.IsAnyoneCanPay())
        {
            writer.WriteBytes(Prevouts.AsSpan());
            writer.WriteBytes(Amounts.AsSpan());
            writer.WriteBytes(ScriptPubKeys.AsSpan());
            writer.WriteBytes(Sequences.AsSpan());
        }

        if (type.CommitsToAllOutputs())
        {
            writer.WriteBytes(Outputs.AsSpan());
        }

        // spend_type: twice the extension flag, which is 0 on the key path and 1 for a script, plus one for an annex.
        writer.WriteByte((byte)((leafHash is null ? 0 : 2) + (annex.IsEmpty ? 0 : 1)));
        WriteInput(writer, inputIndex, type);
        if (!annex.IsEmpty)
        {
            ByteWriter framed = new();
            framed.WriteVariableBytes(annex);
            writer.WriteBytes(SHA256.HashData(framed.Written));
        }

        if (type.IsSingle())
        {
            writer.WriteBytes(HashOfEach([_transaction.Outputs[inputIndex]], static (one, output) => one.WriteTxOut(output)).AsSpan());
        }

        if (leafHash is { } leaf)
        {
            writer.WriteBytes(leaf.AsSpan());
            writer.WriteByte(KeyVersion);
            writer.WriteUInt32(NoCodeSeparator);
        }

        return writer.Written;
    }

    private bool TryCompute(
        int inputIndex,
        SighashType type,
        ReadOnlySpan<byte> annex,
        Bytes32? leafHash,
        out Bytes32 sighash,
        [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        refusal = Check(inputIndex, type, annex);
        sighash = refusal is null ? _tapSighash.Compute(Message(inputIndex, type, annex, leafHash)) : default;
        return refusal is null;
    }

    private void WriteInput(ByteWriter writer, int inputIndex, SighashType type)
    {
        if (!type.IsAnyoneCanPay())
        {
            writer.WriteUInt32((uint)inputIndex);
            return;
        }

        TxIn input = _transaction.Inputs[inputIndex];
        writer.WriteOutPoint(input.PreviousOutput);
        writer.WriteTxOut(_prevouts[inputIndex]!);
        writer.WriteUInt32(input.Sequence);
    }

    private BitcoinRefusal? Check(int inputIndex, SighashType type, ReadOnlySpan<byte> annex)
    {
        if (inputIndex < 0 || inputIndex >= _prevouts.Length)
        {
            return new BitcoinRefusal(RefusalCodes.SighashInputOutOfRange, $"There is no input {inputIndex} among {_prevouts.Length}.");
        }

        if (!type.IsValid())
        {
            return new BitcoinRefusal(RefusalCodes.SighashTypeInvalid, $"BIP-0341 defines no hash type 0x{(int)type:x2}.");
        }

        if (!annex.IsEmpty && annex[0] != AnnexPrefix)
        {
            return new BitcoinRefusal(RefusalCodes.SighashAnnexInvalid, "An annex begins with 0x50.");
        }

        if (type.IsSingle() && inputIndex >= _transaction.Outputs.Count)
        {
            return new BitcoinRefusal(
                RefusalCodes.SighashSingleWithoutOutput, $"Input {inputIndex} signs its own output, and there are {_transaction.Outputs.Count} outputs.");
        }

        int missing = type.IsAnyoneCanPay() ? (_prevouts[inputIndex] is null ? inputIndex : -1) : _firstMissing;
        return missing < 0
            ? null
            : new BitcoinRefusal(
                RefusalCodes.SighashMissingPrevout, $"The hash of input {inputIndex} commits to the prevout of input {missing}, which is unknown.");
    }

    private static Bytes32 HashOfEach<T>(IReadOnlyList<T> items, Action<ByteWriter, T> write)
    {
        ByteWriter writer = new();
        foreach (T item in items)
        {
            write(writer, item);
        }

        return FixedBytes.From<Bytes32>(SHA256.HashData(writer.Written));
    }
}
