using System.Buffers.Binary;

namespace SignerCluster.Chaos.Audit;

/// <summary>Bytes as Bitcoin writes them, read from the first to the last. Throws <see cref="FormatException"/> where there are too few.</summary>
internal ref struct BytesReading(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    internal int Position { get; private set; }

    internal ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _bytes.Length - Position)
        {
            throw new FormatException("The bytes end too early.");
        }

        Position += length;
        return _bytes.Slice(Position - length, length);
    }

    internal void Skip(int length) => Take(length);

    /// <summary>A number in 1, 3, 5 or 9 bytes.</summary>
    internal int Count() => Take(1)[0] switch
    {
        253 => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort))),
        254 => checked((int)BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)))),
        255 => throw new FormatException("A count is too large."),
        var small => small,
    };

    /// <summary>The value of a key of one byte in a map of a PSBT, which is read to its end; null when it is not there.</summary>
    internal byte[]? Find(byte type)
    {
        byte[]? found = null;
        for (int length = Count(); length > 0; length = Count())
        {
            ReadOnlySpan<byte> key = Take(length);
            byte[] value = Take(Count()).ToArray();
            found = length == 1 && key[0] == type ? value : found;
        }

        return found;
    }
}
