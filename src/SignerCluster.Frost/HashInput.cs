using System.Buffers.Binary;

namespace SignerCluster.Frost;

/// <summary>Concatenates the parts of a hash input into memory that the caller sized exactly and, where a part is secret, zeroes.</summary>
internal ref struct HashInput(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;

    internal void Append(scoped ReadOnlySpan<byte> part)
    {
        part.CopyTo(_buffer[_length..]);
        _length += part.Length;
    }

    internal void AppendByte(byte value) => _buffer[_length++] = value;

    internal void AppendUInt32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer[_length..], value);
        _length += 4;
    }

    internal void AppendUInt64(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer[_length..], value);
        _length += 8;
    }

    /// <summary>The signer count and the identifiers in ascending order, four bytes each, as BIP-445 hashes a signer set.</summary>
    internal void AppendSigners(SeatSet signers)
    {
        AppendUInt32(signers.Count);
        foreach (SeatId seat in signers)
        {
            AppendUInt32(seat.Value);
        }
    }
}
