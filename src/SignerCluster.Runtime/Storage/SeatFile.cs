using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Protocol;

namespace SignerCluster.Runtime;

/// <summary>Reads and writes seats' sealed files.</summary>
internal static class SeatFile
{
    private const int Version = 1;

    internal static void Create(NodeDirectory node, GroupId group, SecretShare share, SealingKey key, Entropy entropy)
    {
        Span<byte> secret32 = stackalloc byte[32];
        share.CopyTo(secret32);
        byte[] sealedShare = key.Seal(secret32, Associated(group, share.Seat), entropy);
        CryptographicOperations.ZeroMemory(secret32);
        SeatDocument document = new(Version, group.ToString(), share.Seat.Value, Convert.ToBase64String(sealedShare));
        string name = string.Create(CultureInfo.InvariantCulture, $"{group}-{share.Seat.Value}.json");
        DurableFile.Create(Path.Combine(node.SeatsPath, name), JsonSerializer.SerializeToUtf8Bytes(document, StoredJson.Default.SeatDocument));
    }

    /// <summary>Opens a seat file. Throws <c>file_invalid</c> when it is no seat file, was sealed under another key, or was altered.</summary>
    internal static (GroupId Group, SecretShare Share) Load(string path, SealingKey key)
    {
        Span<byte> secret32 = stackalloc byte[32];
        try
        {
            SeatDocument document = JsonSerializer.Deserialize(DurableFile.Read(path), StoredJson.Default.SeatDocument) ?? throw new FormatException("it is null");
            if (document.Version != Version || !GroupId.TryParse(document.Group, out GroupId group) || !SeatId.TryCreate(document.Seat, out SeatId seat))
            {
                throw new FormatException("version, group or seat is not known");
            }

            return key.TryOpen(Convert.FromBase64String(document.Sealed), Associated(group, seat), secret32)
                ? (group, SecretShare.Create(seat, secret32).Value)
                : throw new FormatException("it was sealed under another key, or altered");
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new DataDirectoryException("file_invalid", $"{path} is not a usable seat file: {fault.Message}.", isTransient: false, fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret32);
        }
    }

    /// <summary>All fields have a fixed length, so plain concatenation is injective.</summary>
    private static byte[] Associated(GroupId group, SeatId seat)
    {
        byte[] number = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(number, Version);
        BinaryPrimitives.WriteInt32BigEndian(number.AsSpan(4), seat.Value);
        return [.. "SignerCluster/seat"u8, .. number, .. group.X.AsSpan()];
    }
}
