using System.Buffers.Binary;
using System.Text;

namespace SignerCluster.RabbitMq;

/// <summary>
/// Letters that travel as one message of the broker, which costs everybody about the same whatever is in it. Each letter: 1 byte kind (1 ask, 2 reply, 3
/// fault), 8 bytes correlation, 1 byte length of the entity's id, the id in ASCII, 4 bytes length of the body, the body; numbers big-endian, nothing between or
/// after.
/// </summary>
internal sealed class Parcel
{
    /// <summary>The property <c>type</c> of a message that is a parcel.</summary>
    public const string Type = "letters/1";

    /// <summary>A letter that makes more of it travels alone.</summary>
    public const int MaximumSharedBytes = 64 * 1024;

    private const int KindAt = 0;
    private const int CorrelationAt = 1;
    private const int EntityLengthAt = CorrelationAt + sizeof(ulong);
    private const int EntityAt = EntityLengthAt + 1;

    // Of a letter, beside its entity and its body.
    private const int FrameBytes = EntityAt + sizeof(int);
    private readonly List<Letter> _letters = [];
    private int _bytes;

    /// <summary>Adds a letter; false when the parcel is not empty and would grow beyond <see cref="MaximumSharedBytes"/>.</summary>
    public bool TryAdd(in Letter letter)
    {
        int bytes = FrameBytes + letter.Entity.Length + letter.Body.Length;
        if (_letters.Count > 0 && _bytes + bytes > MaximumSharedBytes)
            return false;
        _letters.Add(letter);
        _bytes += bytes;
        return true;
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[_bytes];
        Span<byte> rest = bytes;
        foreach (Letter letter in _letters)
        {
            rest[KindAt] = (byte)letter.Kind;
            BinaryPrimitives.WriteUInt64BigEndian(rest[CorrelationAt..], letter.Correlation);
            rest[EntityLengthAt] = checked((byte)letter.Entity.Length);
            rest = rest[(EntityAt + Encoding.ASCII.GetBytes(letter.Entity, rest[EntityAt..]))..];
            BinaryPrimitives.WriteInt32BigEndian(rest, letter.Body.Length);
            letter.Body.Span.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + letter.Body.Length)..];
        }

        return bytes;
    }

    /// <summary>Takes the first letter off bytes that anybody may have written, of which it then is a part; false when they do not begin with one.</summary>
    public static bool TryTake(ref ReadOnlyMemory<byte> bytes, out Letter letter)
    {
        letter = default;
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < FrameBytes)
            return false;
        int bodyAt = FrameBytes + span[EntityLengthAt];
        if (span.Length < bodyAt)
            return false;
        int bodyBytes = BinaryPrimitives.ReadInt32BigEndian(span[(bodyAt - sizeof(int))..]);
        if (bodyBytes < 0 || bodyBytes > span.Length - bodyAt)
            return false;
        letter = new Letter(
            (LetterKind)span[KindAt],
            BinaryPrimitives.ReadUInt64BigEndian(span[CorrelationAt..]),
            Encoding.ASCII.GetString(span.Slice(EntityAt, span[EntityLengthAt])),
            bytes.Slice(bodyAt, bodyBytes));
        bytes = bytes[(bodyAt + bodyBytes)..];
        return true;
    }
}
