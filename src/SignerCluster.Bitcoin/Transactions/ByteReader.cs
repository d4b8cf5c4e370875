using System.Buffers.Binary;

namespace SignerCluster.Bitcoin.Transactions;

/// <summary>
/// Reads Bitcoin's little-endian encodings from hostile bytes. A failed read returns false and says through <see cref="IsTruncated"/>
/// whether the bytes ended or contradicted the encoding; the position is then meaningless. Allocates nothing.
/// </summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>Did the failed read want more bytes than there are?</summary>
    public bool IsTruncated { get; private set; }

    public readonly ReadOnlySpan<byte> Since(int start) => _bytes[start..Position];

    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        if ((uint)count > (uint)Remaining)
        {
            bytes = default;
            IsTruncated = true;
            return false;
        }

        bytes = _bytes.Slice(Position, count);
        Position += count;
        return true;
    }

    public bool TryReadByte(out byte value)
    {
        bool read = TryReadBytes(1, out ReadOnlySpan<byte> bytes);
        value = read ? bytes[0] : default;
        return read;
    }

    public bool TryReadUInt32(out uint value)
    {
        bool read = TryReadBytes(4, out ReadOnlySpan<byte> bytes);
        value = read ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : default;
        return read;
    }

    public bool TryReadInt64(out long value)
    {
        bool read = TryReadBytes(8, out ReadOnlySpan<byte> bytes);
        value = read ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : default;
        return read;
    }

    /// <summary>Reads a compact size; one that is longer than its value needs is refused.</summary>
    public bool TryReadCompactSize(out ulong value)
    {
        value = 0;
        if (!TryReadByte(out byte first))
        {
            return false;
        }

        int width = first switch { 0xFD => 2, 0xFE => 4, 0xFF => 8, _ => 0 };
        if (width == 0)
        {
            value = first;
            return true;
        }

        if (!TryReadBytes(width, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        value = width switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        return value >= width switch { 2 => 0xFDUL, 4 => 0x1_0000UL, _ => 0x1_0000_0000UL };
    }

    /// <summary>Reads the number of items that follow; more than the remaining bytes can hold is a truncation, found before anything is allocated.</summary>
    public bool TryReadCount(int minimumItemBytes, out int count)
    {
        count = 0;
        if (!TryReadCompactSize(out ulong announced))
        {
            return false;
        }

        if (announced > (ulong)(Remaining / minimumItemBytes))
        {
            IsTruncated = true;
            return false;
        }

        count = (int)announced;
        return true;
    }

    /// <summary>Reads a compact size and as many bytes as it says.</summary>
    public bool TryReadVariableBytes(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadCount(minimumItemBytes: 1, out int length) && TryReadBytes(length, out bytes);
    }
}
