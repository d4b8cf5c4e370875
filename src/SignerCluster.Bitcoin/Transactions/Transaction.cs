using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Transactions;

/// <summary>An immutable Bitcoin transaction; equal to another when every byte, witnesses included, is the same.</summary>
public sealed class Transaction : IEquatable<Transaction>
{
    /// <summary>A serialisation longer than this cannot be in a block (BIP-0141: four million weight units).</summary>
    public const int MaximumBytes = 4_000_000;

    private readonly TxIn[] _inputs;
    private readonly TxOut[] _outputs;

    /// <summary>Copies the lists. Throws <see cref="ArgumentException"/> when the outputs sum to more than <see cref="TxOut.MaximumAmountSat"/>.</summary>
    public Transaction(int version, IEnumerable<TxIn> inputs, IEnumerable<TxOut> outputs, uint lockTime)
        : this(version, inputs.ToArray(), outputs.ToArray(), lockTime)
    {
    }

    private Transaction(int version, TxIn[] inputs, TxOut[] outputs, uint lockTime)
    {
        Version = version;
        _inputs = inputs;
        _outputs = outputs;
        LockTime = lockTime;
        TotalOutputSat = TrySum(outputs, out long sum) ? sum : throw new ArgumentException("The outputs spend more than there is.", nameof(outputs));
        Txid = new Txid(FixedBytes.From<Bytes32>(SHA256.HashData(SHA256.HashData(Write(withWitness: false)))));
    }

    public int Version { get; }

    public IReadOnlyList<TxIn> Inputs => _inputs;

    public IReadOnlyList<TxOut> Outputs => _outputs;

    public uint LockTime { get; }

    /// <summary>The hash without witnesses: what inputs refer to.</summary>
    public Txid Txid { get; }

    /// <summary>The sum of all outputs, in 0..<see cref="TxOut.MaximumAmountSat"/>.</summary>
    public long TotalOutputSat { get; }

    /// <summary>Does any input have a witness?</summary>
    public bool HasWitness => Array.Exists(_inputs, input => input.Witness.Count > 0);

    public static bool operator ==(Transaction? left, Transaction? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Transaction? left, Transaction? right) => !(left == right);

    /// <summary>
    /// Parses exactly one transaction in the BIP-0144 form, or in the old form when it has no witness. Never throws: compact sizes must be
    /// the shortest, amounts in range, nothing may follow, and the marker without any witness is refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        TransactionParser.TryParse(bytes, allowWitness: true, out transaction, out refusal);

    /// <summary>
    /// As <see cref="TryParse"/>, for the old form only: the one in which a PSBT holds its unsigned transaction, where no inputs are not a marker.
    /// </summary>
    public static bool TryParseWithoutWitness(
        ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out BitcoinRefusal? refusal) =>
        TransactionParser.TryParse(bytes, allowWitness: false, out transaction, out refusal);

    /// <summary>The hash with witnesses (BIP-0141); equal to <see cref="Txid"/> where there are none.</summary>
    public Txid ComputeWtxid() => new(FixedBytes.From<Bytes32>(SHA256.HashData(SHA256.HashData(ToBytes()))));

    /// <summary>The virtual bytes (BIP-0141): a quarter of the weight, rounded up.</summary>
    public long ComputeVirtualSize() => ((3L * ToBytesWithoutWitness().Length) + ToBytes().Length + 3) / 4;

    /// <summary>The network form: BIP-0144 when there is a witness, else the old form.</summary>
    public byte[] ToBytes() => Write(HasWitness);

    /// <summary>The old form, in which witnesses do not exist.</summary>
    public byte[] ToBytesWithoutWitness() => Write(withWitness: false);

    public bool Equals(Transaction? other) => other is not null && Txid == other.Txid && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    public override bool Equals(object? obj) => Equals(obj as Transaction);

    public override int GetHashCode() => Txid.GetHashCode();

    public override string ToString() => Txid.ToString();

    internal static bool TrySum(IEnumerable<TxOut> outputs, out long sumSat)
    {
        sumSat = 0;
        foreach (TxOut output in outputs)
        {
            // Both addends are at most MaximumAmountSat, so the sum cannot wrap before it is refused.
            sumSat += output.AmountSat;
            if (sumSat > TxOut.MaximumAmountSat)
            {
                return false;
            }
        }

        return true;
    }

    private byte[] Write(bool withWitness)
    {
        ByteWriter writer = new();
        writer.WriteInt32(Version);
        if (withWitness)
        {
            writer.WriteBytes([TransactionParser.SegwitMarker, TransactionParser.SegwitFlag]);
        }

        writer.WriteCompactSize((ulong)_inputs.Length);
        foreach (TxIn input in _inputs)
        {
            writer.WriteOutPoint(input.PreviousOutput);
            writer.WriteVariableBytes(input.ScriptSig.AsSpan());
            writer.WriteUInt32(input.Sequence);
        }

        writer.WriteCompactSize((ulong)_outputs.Length);
        foreach (TxOut output in _outputs)
        {
            writer.WriteTxOut(output);
        }

        if (withWitness)
        {
            foreach (TxIn input in _inputs)
            {
                writer.WriteBytes(input.Witness.AsEncodedSpan());
            }
        }

        writer.WriteUInt32(LockTime);
        return writer.ToArray();
    }
}
