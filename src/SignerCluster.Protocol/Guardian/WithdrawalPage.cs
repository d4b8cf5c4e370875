using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Guardian;

/// <summary>
/// Withdrawals one behind the other, as checkpoints keep them: length and text of the id, txid, hash of the record before, position, time, debit, staleness,
/// and the number and contents of the buckets. Numbers are big-endian; the sequence number is the place. For ever, because it is stored.
/// </summary>
internal static class WithdrawalPage
{
    private const int Fixed = (2 * 32) + (3 * 8) + 2;

    internal static byte[] Write(IEnumerable<KnownWithdrawal> withdrawals)
    {
        ArrayBufferWriter<byte> page = new();
        foreach ((GuardianRecord.WithdrawalAccepted record, bool isStale) in withdrawals)
        {
            string id = record.Id.ToString();
            int length = 1 + id.Length + Fixed + (8 * record.After.Count);
            Span<byte> entry = page.GetSpan(length)[..length];
            entry[0] = (byte)Encoding.ASCII.GetBytes(id, entry[1..]);
            Span<byte> rest = entry[(1 + id.Length)..];
            record.Txid.AsSpan().CopyTo(rest);
            record.Previous.AsSpan().CopyTo(rest[32..]);
            BinaryPrimitives.WriteInt64BigEndian(rest[64..], record.Position);
            BinaryPrimitives.WriteUInt64BigEndian(rest[72..], record.At);
            BinaryPrimitives.WriteUInt64BigEndian(rest[80..], record.Debit);
            rest[88] = isStale ? (byte)1 : (byte)0;
            rest[89] = (byte)record.After.Count;
            for (int window = 0; window < record.After.Count; window++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(rest[(Fixed + (8 * window))..], record.After[window]);
            }

            page.Advance(length);
        }

        return page.WrittenSpan.ToArray();
    }

    /// <summary>The length of the entry at the beginning. Throws <see cref="ArgumentException"/> where it is cut.</summary>
    internal static int LengthOf(ReadOnlySpan<byte> entry)
    {
        int withoutBuckets = entry.IsEmpty ? int.MaxValue : 1 + entry[0] + Fixed;
        int length = withoutBuckets <= entry.Length ? withoutBuckets + (8 * entry[withoutBuckets - 1]) : int.MaxValue;
        return length <= entry.Length ? length : throw new ArgumentException("A page of withdrawals is cut.", nameof(entry));
    }

    internal static ReadOnlySpan<byte> IdOf(ReadOnlySpan<byte> entry) => entry.Slice(1, entry[0]);

    internal static ReadOnlySpan<byte> TxidOf(ReadOnlySpan<byte> entry) => entry.Slice(1 + entry[0], 32);

    /// <summary>Its time, unix seconds, and its debit in satoshis.</summary>
    internal static (ulong At, ulong Debit) SpendingOf(ReadOnlySpan<byte> entry)
    {
        ReadOnlySpan<byte> rest = entry[(1 + entry[0])..];
        return (BinaryPrimitives.ReadUInt64BigEndian(rest[72..]), BinaryPrimitives.ReadUInt64BigEndian(rest[80..]));
    }

    internal static KnownWithdrawal Read(ReadOnlySpan<byte> entry, ulong sequence)
    {
        ReadOnlySpan<byte> rest = entry[(1 + entry[0])..];
        ulong[] after = new ulong[rest[89]];
        for (int window = 0; window < after.Length; window++)
        {
            after[window] = BinaryPrimitives.ReadUInt64BigEndian(rest[(Fixed + (8 * window))..]);
        }

        GuardianRecord.WithdrawalAccepted record = new(
            BinaryPrimitives.ReadInt64BigEndian(rest[64..]),
            BinaryPrimitives.ReadUInt64BigEndian(rest[72..]),
            FixedBytes.From<Bytes32>(rest.Slice(32, 32)),
            SessionId.Parse(Encoding.ASCII.GetString(IdOf(entry))),
            FixedBytes.From<Bytes32>(rest[..32]),
            sequence,
            BinaryPrimitives.ReadUInt64BigEndian(rest[80..]),
            Batch.Of(after));
        return new KnownWithdrawal(record, rest[88] == 1);
    }
}
