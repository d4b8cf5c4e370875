using System.Buffers.Binary;
using System.Text;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Serialization;

/// <summary>An entity's id, a number and a body: 1 byte with the length of the id (ASCII, 3..255), the id, 8 bytes big-endian, the rest.</summary>
internal readonly ref struct Frame(EntityId to, long number, ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;

    internal EntityId To { get; } = to;

    internal long Number { get; } = number;

    internal ReadOnlySpan<byte> Body => _body;

    /// <summary>Throws <see cref="FormatException"/> for bytes that are no frame.</summary>
    internal static Frame Parse(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.IsEmpty ? 0 : bytes[0];
        return bytes.Length >= 1 + length + sizeof(long)
            ? new Frame(
                EntityId.Parse(Encoding.ASCII.GetString(bytes.Slice(1, length))),
                BinaryPrimitives.ReadInt64BigEndian(bytes[(1 + length)..]),
                bytes[(1 + length + sizeof(long))..])
            : throw new FormatException("it is too short.");
    }

    internal byte[] ToBytes()
    {
        byte[] id = Encoding.ASCII.GetBytes(To.ToString());
        byte[] bytes = new byte[1 + id.Length + sizeof(long) + _body.Length];
        bytes[0] = (byte)id.Length;
        id.CopyTo(bytes, 1);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1 + id.Length), Number);
        _body.CopyTo(bytes.AsSpan(1 + id.Length + sizeof(long)));
        return bytes;
    }
}
