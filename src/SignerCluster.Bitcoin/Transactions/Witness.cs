namespace SignerCluster.Bitcoin.Transactions;

/// <summary>
/// The witness stack of one input, immutable, equal by value. Kept in its BIP-0144 encoding, so that a hostile stack of millions of
/// empty items costs no more memory than its bytes.
/// </summary>
public sealed class Witness : IEquatable<Witness>
{
    private readonly byte[] _encoded;

    private Witness(byte[] encoded, int count)
    {
        _encoded = encoded;
        Count = count;
    }

    public static Witness Empty { get; } = new([0], 0);

    /// <summary>Number of items.</summary>
    public int Count { get; }

    /// <summary>
    /// The item at a position in 0..Count-1, found in time linear in the position; throws <see cref="ArgumentOutOfRangeException"/> elsewhere.
    /// </summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            ByteReader reader = new(_encoded);
            reader.TryReadCompactSize(out _);
            reader.TryReadVariableBytes(out ReadOnlySpan<byte> item);
            for (int skipped = 0; skipped < index; skipped++)
            {
                reader.TryReadVariableBytes(out item);
            }

            return item;
        }
    }

    public static bool operator ==(Witness? left, Witness? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(Witness? left, Witness? right) => !(left == right);

    /// <summary>A stack of copies of the given items, bottom first.</summary>
    public static Witness FromItems(params IReadOnlyList<byte[]> items)
    {
        if (items.Count == 0)
        {
            return Empty;
        }

        ByteWriter writer = new();
        writer.WriteCompactSize((ulong)items.Count);
        foreach (byte[] item in items)
        {
            writer.WriteVariableBytes(item);
        }

        return new Witness(writer.ToArray(), items.Count);
    }

    /// <summary>The BIP-0144 encoding: the number of items, then each with its length.</summary>
    public ReadOnlySpan<byte> AsEncodedSpan() => _encoded;

    public bool Equals(Witness? other) => other is not null && _encoded.AsSpan().SequenceEqual(other._encoded);

    public override bool Equals(object? obj) => Equals(obj as Witness);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_encoded);
        return hash.ToHashCode();
    }

    public override string ToString() => Convert.ToHexStringLower(_encoded);

    /// <summary>Reads one stack from the front of the reader; false leaves the reason in the reader.</summary>
    internal static bool TryRead(ref ByteReader reader, out Witness witness)
    {
        witness = Empty;
        int start = reader.Position;
        if (!reader.TryReadCount(minimumItemBytes: 1, out int count))
        {
            return false;
        }

        for (int item = 0; item < count; item++)
        {
            if (!reader.TryReadVariableBytes(out _))
            {
                return false;
            }
        }

        witness = count == 0 ? Empty : new Witness(reader.Since(start).ToArray(), count);
        return true;
    }
}
