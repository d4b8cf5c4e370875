using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>Reads and writes one seat's sealed file.</summary>
internal static class SeatFile
{
    /// <summary>Stands for the key epoch of a file that does not tell.</summary>
    internal const int UnknownEpoch = 0;
    private const int Version = 2;

    internal static void Create(NodeDirectory node, GroupId group, SecretShare share, DataKey key, Entropy entropy)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{group}-{share.Seat.Value}.json");
        DurableFile.Create(Path.Combine(node.SeatsPath, name), Seal(group, share, key, entropy));
    }

    /// <summary>Opens a seat file. Throws <c>file_invalid</c> when it is no seat file, needs a key that is not open, or was altered.</summary>
    internal static (GroupId Group, SecretShare Share) Load(string path, DataKeys keys)
    {
        (GroupId group, SeatId seat, byte[] envelope) = Read(path);
        Span<byte> secret32 = stackalloc byte[32];
        try
        {
            return Envelope.TryReadHeader(envelope, out int epoch, out KeyId id) && keys.Find(epoch, id) is { } key && Envelope.TryOpenSeat(key, group, seat, envelope, secret32)
                ? (group, SecretShare.Create(seat, secret32).Value)
                : throw Unusable(path, "it was sealed under a key that the node's key ring does not have, or altered");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret32);
        }
    }

    /// <summary>The key epoch that a file stands under; <see cref="UnknownEpoch"/> when it cannot be told.</summary>
    internal static int EpochOf(string path)
    {
        try
        {
            return Envelope.TryReadHeader(Read(path).Envelope, out int epoch, out _) ? epoch : UnknownEpoch;
        }
        catch (DataDirectoryException)
        {
            return UnknownEpoch;
        }
    }

    /// <summary>Replaces a file by one under another key, durably; false, and nothing changed, when it cannot be opened.</summary>
    internal static bool TryReseal(string path, DataKeys keys, DataKey active, Entropy entropy)
    {
        try
        {
            (GroupId group, SecretShare share) = Load(path, keys);
            using (share)
            {
                DurableFile.Replace(path, Seal(group, share, active, entropy));
            }

            return true;
        }
        catch (DataDirectoryException)
        {
            return false;
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

    private static (GroupId Group, SeatId Seat, byte[] Envelope) Read(string path)
    {
        try
        {
            SeatDocument document = JsonSerializer.Deserialize(DurableFile.Read(path), StoredJson.Default.SeatDocument) ?? throw new FormatException("it is null");
            return document.Version == Version && GroupId.TryParse(document.Group, out GroupId group) && SeatId.TryCreate(document.Seat, out SeatId seat)
                ? (group, seat, Convert.FromBase64String(document.Sealed))
                : throw new FormatException("version, group or seat is not known");
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw Unusable(path, fault.Message, fault);
        }
    }

    private static DataDirectoryException Unusable(string path, string why, Exception? fault = null) =>
        new("file_invalid", $"{path} is not a usable seat file: {why}.", isTransient: false, fault);
}
