using System.Buffers.Binary;
using System.Text;

namespace SignerCluster.Trust;

/// <summary>Writes fields, each behind its length in 4 bytes, big-endian.</summary>
internal ref struct FrameWriter(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    /// <summary>The place of the next field, which the caller fills.</summary>
    internal Span<byte> Next(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_rest, length);
        Span<byte> field = _rest.Slice(sizeof(int), length);
        _rest = _rest[(sizeof(int) + length)..];
        return field;
    }

    internal void Write(string ascii) => Encoding.ASCII.GetBytes(ascii, Next(ascii.Length));
}

/// <summary>Reads what <see cref="FrameWriter"/> wrote, from anybody: no length is believed before it was held against its bounds and what is there.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;
    private int _at;

    /// <summary>Bytes that were not read.</summary>
    internal readonly int Left => _source.Length - _at;

    internal bool TryNext(int minimum, int maximum, out Range field)
    {
        field = default;
        if (Left < sizeof(int))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32BigEndian(_source[_at..]);
        if (length < minimum || length > maximum || length > Left - sizeof(int))
        {
            return false;
        }

        field = (_at + sizeof(int))..(_at + sizeof(int) + length);
        _at += sizeof(int) + length;
        return true;
    }
}
