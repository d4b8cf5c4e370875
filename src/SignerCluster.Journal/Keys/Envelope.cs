using System.Buffers.Binary;
using System.Text;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// How sealed bytes are laid out: version (1 byte, 1), key epoch (4, big-endian), key id (8), nonce (12, random), ciphertext (as long as the plain bytes),
/// tag (16). The header and the place where the bytes belong are associated data, so they open nowhere else.
/// </summary>
public static class Envelope
{
    /// <summary>How much longer sealed bytes are than plain ones.</summary>
    public const int Overhead = HeaderBytes + DataKey.NonceBytes + DataKey.TagBytes;
    private const byte Version = 1;
    private const int HeaderBytes = 13;

    /// <summary>
    /// Seals a message for one row of one entity. The nonce is drawn from <paramref name="entropy"/>; the caller has counted the message against the
    /// key's allowance.
    /// </summary>
    public static byte[] SealRow(DataKey key, EntityId id, long sequenceNumber, string manifest, ReadOnlySpan<byte> message, Entropy entropy) =>
        Seal(key, Row(id.ToString(), sequenceNumber, manifest), message, entropy);

    /// <summary>The plain message of a row; null when key, bytes or place are not those of the sealing.</summary>
    public static byte[]? OpenRow(DataKey key, EntityId id, long sequenceNumber, string manifest, ReadOnlySpan<byte> envelope)
    {
        byte[] message = new byte[Math.Max(0, envelope.Length - Overhead)];
        return TryOpen(key, Row(id.ToString(), sequenceNumber, manifest), envelope, message) ? message : null;
    }

    /// <summary>Seals a secret share for one seat of one group.</summary>
    public static byte[] SealSeat(DataKey key, GroupId group, SeatId seat, ReadOnlySpan<byte> secret32, Entropy entropy) =>
        Seal(key, Seat(group, seat), secret32, entropy);

    /// <summary>Opens a seat's share into memory that the caller zeroes; false when key, bytes or place are not those of the sealing.</summary>
    public static bool TryOpenSeat(DataKey key, GroupId group, SeatId seat, ReadOnlySpan<byte> envelope, Span<byte> secret32) =>
        TryOpen(key, Seat(group, seat), envelope, secret32);

    /// <summary>Reads which key an envelope needs; false when it is too short for one or of another version.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> envelope, out int epoch, out KeyId key)
    {
        bool valid = envelope.Length >= Overhead && envelope[0] == Version;
        epoch = valid ? BinaryPrimitives.ReadInt32BigEndian(envelope[1..]) : 0;
        key = valid ? new KeyId(BinaryPrimitives.ReadUInt64BigEndian(envelope[5..])) : default;
        return valid && epoch >= 1;
    }

    private static byte[] Seal(DataKey key, Place place, ReadOnlySpan<byte> plain, Entropy entropy)
    {
        byte[] envelope = new byte[Overhead + plain.Length];
        envelope[0] = Version;
        BinaryPrimitives.WriteInt32BigEndian(envelope.AsSpan(1), key.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(envelope.AsSpan(5), key.Id.Value);
        Span<byte> nonce = envelope.AsSpan(HeaderBytes, DataKey.NonceBytes);
        entropy(nonce);
        Span<byte> rest = envelope.AsSpan(HeaderBytes + DataKey.NonceBytes);
        key.Encrypt(nonce, plain, rest[..plain.Length], rest[plain.Length..], place.After(envelope.AsSpan(0, HeaderBytes)));
        return envelope;
    }

    private static bool TryOpen(DataKey key, Place place, ReadOnlySpan<byte> envelope, Span<byte> plain)
    {
        bool fits = envelope.Length == Overhead + plain.Length && TryReadHeader(envelope, out int epoch, out KeyId id) && epoch == key.Epoch && id == key.Id;
        if (!fits)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = envelope[(HeaderBytes + DataKey.NonceBytes)..];
        return key.TryDecrypt(
            envelope.Slice(HeaderBytes, DataKey.NonceBytes), rest[..plain.Length], rest[plain.Length..], plain, place.After(envelope[..HeaderBytes]));
    }

    private static Place Row(string persistenceId, long sequenceNumber, string manifest) =>
        new Place("SignerCluster/row").Add(persistenceId).Add(sequenceNumber).Add(manifest);

    private static Place Seat(GroupId group, SeatId seat) => new Place("SignerCluster/seat").Add(group.ToString()).Add(seat.Value);

    /// <summary>Where sealed bytes belong: components behind their 4-byte lengths, so that no two places share an encoding.</summary>
    private readonly struct Place(string domain)
    {
        private readonly List<byte> _bytes = Framed(new List<byte>(192), Encoding.UTF8.GetBytes(domain));

        internal Place Add(string component)
        {
            Framed(_bytes, Encoding.UTF8.GetBytes(component));
            return this;
        }

        internal Place Add(long component)
        {
            Span<byte> number = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(number, component);
            Framed(_bytes, number);
            return this;
        }

        internal byte[] After(ReadOnlySpan<byte> header) => [.. header, .. _bytes];

        private static List<byte> Framed(List<byte> bytes, ReadOnlySpan<byte> component)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, component.Length);
            bytes.AddRange(length);
            bytes.AddRange(component);
            return bytes;
        }
    }
}
