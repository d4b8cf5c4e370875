using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.KeyRing;

namespace SignerCluster.Journal.Documents;

/// <summary>One seat as a sealed document.</summary>
internal static class SeatFile
{
    /// <summary>Stands for the key epoch of a file that does not tell.</summary>
    internal const int UnknownEpoch = 0;
    private const int Version = 2;

    internal static NodeDocument Create(GroupId group, SecretShare share, DataKey key, Entropy entropy) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{group}-{share.Seat.Value}.json"), Seal(group, share, key, entropy));

    /// <summary>Opens a seat. Throws <c>file_invalid</c> when it is no seat, needs a key that is not open, or was altered.</summary>
    /// <param name="place">Where it was found, for messages.</param>
    internal static (GroupId Group, SecretShare Share) Open(NodeDocument document, string place, DataKeys keys)
    {
        (GroupId group, SeatId seat, byte[] envelope) = Read(document, place);
        Span<byte> secret32 = stackalloc byte[32];
        try
        {
            return Envelope.TryReadHeader(envelope, out int epoch, out KeyId id) && keys.Find(epoch, id) is { } key
                && Envelope.TryOpenSeat(key, group, seat, envelope, secret32)
                ? (group, SecretShare.Create(seat, secret32).Value)
                : throw Unusable(place, "it was sealed under a key that the node's key ring does not have, or altered");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret32);
        }
    }

    /// <summary>The key epoch that a file stands under; <see cref="UnknownEpoch"/> when it cannot be told.</summary>
    internal static int EpochOf(NodeDocument document)
    {
        try
        {
            return Envelope.TryReadHeader(Read(document, document.Name).Envelope, out int epoch, out _) ? epoch : UnknownEpoch;
        }
        catch (DataDirectoryException)
        {
            return UnknownEpoch;
        }
    }

    /// <summary>The same seat under another key; null when it cannot be opened.</summary>
    internal static byte[]? TryReseal(NodeDocument document, string place, DataKeys keys, DataKey active, Entropy entropy)
    {
        try
        {
            (GroupId group, SecretShare share) = Open(document, place, keys);
            using (share)
            {
                return Seal(group, share, active, entropy);
            }
        }
        catch (DataDirectoryException)
        {
            return null;
        }
    }

    private static byte[] Seal(GroupId group, SecretShare share, DataKey key, Entropy entropy)
    {
        Span<byte> secret32 = stackalloc byte[32];
        share.CopyTo(secret32);
        byte[] envelope = Envelope.SealSeat(key, group, share.Seat, secret32, entropy);
        CryptographicOperations.ZeroMemory(secret32);
        SeatDocument document = new(Version, group.ToString(), share.Seat.Value, Convert.ToBase64String(envelope));
        return JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Default.SeatDocument);
    }

    private static (GroupId Group, SeatId Seat, byte[] Envelope) Read(NodeDocument stored, string place)
    {
        try
        {
            SeatDocument document = JsonSerializer.Deserialize(stored.Content.Span, StoredJson.Default.SeatDocument) ?? throw new FormatException("it is null");
            return document.Version == Version && GroupId.TryParse(document.Group, out GroupId group) && SeatId.TryCreate(document.Seat, out SeatId seat)
                ? (group, seat, Convert.FromBase64String(document.Sealed))
                : throw new FormatException("version, group or seat is not known");
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw Unusable(place, fault.Message, fault);
        }
    }

    private static DataDirectoryException Unusable(string place, string why, Exception? fault = null) =>
        new("file_invalid", $"{place} is not a usable seat file: {why}.", isTransient: false, fault);
}
