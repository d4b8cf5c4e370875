using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Trust;

/// <summary>
/// What a dealer gives one operator: the group's public document, and the secret shares of this operator's seats, sealed to its identity key. The key is
/// HKDF-SHA256 of an ephemeral ECDH on secp256k1 (salt: ephemeral key ‖ identity), the seal AES-256-GCM; associated data are version, cluster, recipient, its
/// identity, the ephemeral key and the group's document, so nothing of the file can be exchanged. It says nothing about who dealt: an operator takes a bundle
/// only from a dealer that it trusts.
/// </summary>
public sealed class SeatBundle
{
    private const int Version = 1;
    private const int SeatBytes = sizeof(int) + 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const string Domain = "SignerCluster/bundle/v1";
    private readonly BundleDocument _document;
    private readonly byte[] _sealed;
    private readonly XOnlyPublicKey _ephemeral;
    private readonly string _place;

    private SeatBundle(BundleDocument document, string place)
    {
        _document = document;
        _place = place;
        Cluster = ClusterName.Parse(document.Cluster);
        Recipient = PartyName.Parse(document.Recipient);
        GroupContent = Convert.FromBase64String(document.Group);
        Group = GroupFile.Parse(GroupContent.Span, $"the group in {place}");
        _sealed = Convert.FromBase64String(document.Sealed);
        _ephemeral =
            XOnlyPublicKey.TryParseHex(document.Ephemeral, out XOnlyPublicKey key) ? key : throw new FormatException("the ephemeral key is not an x-only key");
    }

    public ClusterName Cluster { get; }

    public PartyName Recipient { get; }

    /// <summary>The group, verified.</summary>
    public StoredGroup Group { get; }

    /// <summary>The group's document as it is to be stored.</summary>
    public ReadOnlyMemory<byte> GroupContent { get; }

    /// <summary>A bundle's file for one party of the roster: UTF-8 JSON. The shares stay the caller's to destroy.</summary>
    public static byte[] Seal(Roster roster, PartyName recipient, NodeDocument group, IReadOnlyList<SecretShare> shares, Entropy entropy)
    {
        XOnlyPublicKey identity = roster.Find(recipient)?.Identity ?? throw new ArgumentException($"{recipient} is not in the roster.", nameof(recipient));
        byte[] plain = GC.AllocateArray<byte>(shares.Count * SeatBytes, pinned: true);
        byte[] envelope = new byte[plain.Length + TagBytes];
        Span<byte> key44 = stackalloc byte[32 + NonceBytes];
        using SigningKey ephemeral = DrawKey(entropy);
        try
        {
            for (int index = 0; index < shares.Count; index++)
            {
                BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(index * SeatBytes), shares[index].Seat.Value);
                shares[index].CopyTo(plain.AsSpan((index * SeatBytes) + sizeof(int), 32));
            }

            Derive(ephemeral, identity, ephemeral.Public, identity, key44);
            using AesGcm cipher = new(key44[..32], TagBytes);
            byte[] bound = Bound(roster.Cluster, recipient, identity, ephemeral.Public, group.Content.Span);
            cipher.Encrypt(key44[32..], plain, envelope.AsSpan(0, plain.Length), envelope.AsSpan(plain.Length), bound);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            CryptographicOperations.ZeroMemory(key44);
        }

        BundleDocument document = new(
            Version,
            roster.Cluster.ToString(),
            recipient.ToString(),
            Convert.ToBase64String(group.Content.Span),
            ephemeral.Public.ToString(),
            Convert.ToBase64String(envelope));
        return JsonSerializer.SerializeToUtf8Bytes(document, TrustJson.Default.BundleDocument);
    }

    /// <summary>
    /// Reads a bundle's file, which its owner alone should be able to read. Throws <see cref="DataDirectoryException"/>: <c>data_missing</c>,
    /// <c>bundle_invalid</c>.
    /// </summary>
    public static SeatBundle Load(string path) => Parse(DurableFile.Read(path), path);

    /// <param name="place">Where it was found, for messages.</param>
    public static SeatBundle Parse(ReadOnlySpan<byte> content, string place)
    {
        try
        {
            BundleDocument document = JsonSerializer.Deserialize(content, TrustJson.Default.BundleDocument) ?? throw new FormatException("it is null");
            return document.Version == Version
                ? new SeatBundle(document, place)
                : throw new FormatException($"its version is {document.Version}, not {Version}");
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw Invalid(place, fault.Message, fault);
        }
    }

    /// <summary>
    /// The shares of all seats that the group's document gives to the recipient, each checked against the group's commitments; the caller destroys them.
    /// Throws <see cref="DataDirectoryException"/> (<c>bundle_invalid</c>) when the bundle is for another identity, was altered, or its shares are not those.
    /// </summary>
    public IReadOnlyList<SecretShare> Open(IdentityKey identity)
    {
        byte[] plain = GC.AllocateArray<byte>(Math.Max(0, _sealed.Length - TagBytes), pinned: true);
        Span<byte> key44 = stackalloc byte[32 + NonceBytes];
        try
        {
            Derive(identity.Key, _ephemeral, _ephemeral, identity.Public, key44);
            using AesGcm cipher = new(key44[..32], TagBytes);
            byte[] bound = Bound(Cluster, Recipient, identity.Public, _ephemeral, GroupContent.Span);
            if (_sealed.Length < TagBytes + SeatBytes)
            {
                throw Invalid(_place, "it holds no seat");
            }

            cipher.Decrypt(key44[32..], _sealed.AsSpan(0, plain.Length), _sealed.AsSpan(plain.Length), plain, bound);
            return ReadShares(plain);
        }
        catch (AuthenticationTagMismatchException fault)
        {
            throw Invalid(
                _place,
                $"it is not sealed to the identity {identity.Public}, or was altered. Have {Recipient}'s bundle made for the identity that its node uses",
                fault);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
            CryptographicOperations.ZeroMemory(key44);
        }
    }

    public override string ToString() => $"bundle of {_document.Recipient} for {Group.Id} <redacted>";

    private List<SecretShare> ReadShares(ReadOnlySpan<byte> plain)
    {
        List<SecretShare> shares = [];
        HashSet<int> seats = [];
        bool isSound = plain.Length % SeatBytes == 0;
        for (int at = 0; isSound && at < plain.Length; at += SeatBytes)
        {
            int number = BinaryPrimitives.ReadInt32BigEndian(plain[at..]);
            isSound = SeatId.TryCreate(number, out SeatId seat) && number < Group.Holders.Count && Group.Holders[number] == Recipient.ToString()
                && seats.Add(number)
                && SecretShare.Create(seat, plain.Slice(at + sizeof(int), 32)).TryGet(out SecretShare? share, out _) && Keep(share);
        }

        if (isSound && shares.Count == Group.Holders.Count(holder => holder == Recipient.ToString()))
        {
            return shares;
        }

        shares.ForEach(static share => share.Dispose());
        throw Invalid(_place, "its shares are not those of the recipient's seats in this group. Have the group dealt again");

        bool Keep(SecretShare share)
        {
            shares.Add(share);
            return Group.Group.PublicShare(share.Seat) == share.PublicShare;
        }
    }

    private static SigningKey DrawKey(Entropy entropy)
    {
        Span<byte> secret32 = stackalloc byte[32];
        SecretScalar? scalar;
        do
        {
            entropy(secret32);
        }
        while (!SecretScalar.TryParse(secret32, out scalar));

        CryptographicOperations.ZeroMemory(secret32);
        using (scalar)
        {
            return new SigningKey(scalar);
        }
    }

    private static void Derive(SigningKey mine, XOnlyPublicKey theirs, XOnlyPublicKey ephemeral, XOnlyPublicKey identity, Span<byte> key44)
    {
        Span<byte> shared32 = stackalloc byte[32];
        mine.Agree(theirs.ToPoint(), shared32);
        byte[] salt = [.. ephemeral.ToBytes().AsSpan(), .. identity.ToBytes().AsSpan()];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, shared32, key44, salt, Encoding.ASCII.GetBytes(Domain));
        CryptographicOperations.ZeroMemory(shared32);
    }

    private static byte[] Bound(ClusterName cluster, PartyName recipient, XOnlyPublicKey identity, XOnlyPublicKey ephemeral, ReadOnlySpan<byte> group)
    {
        (string clusterText, string recipientText) = (cluster.ToString(), recipient.ToString());
        byte[] bytes = new byte[(6 * sizeof(int)) + Domain.Length + clusterText.Length + recipientText.Length + 64 + group.Length];
        FrameWriter writer = new(bytes);
        writer.Write(Domain);
        writer.Write(clusterText);
        writer.Write(recipientText);
        identity.ToBytes().AsSpan().CopyTo(writer.Next(32));
        ephemeral.ToBytes().AsSpan().CopyTo(writer.Next(32));
        group.CopyTo(writer.Next(group.Length));
        return bytes;
    }

    private static DataDirectoryException Invalid(string place, string why, Exception? fault = null) =>
        new("bundle_invalid", $"{place} is not a usable bundle: {why}.", isTransient: false, fault);
}

/// <summary>A bundle as its file has it.</summary>
/// <param name="Group">Base64 of the group's document, byte for byte.</param>
/// <param name="Ephemeral">32 bytes hex: the x-only public key of the dealer's half of the agreement.</param>
/// <param name="Sealed">Base64 of the sealed seats (each its number in 4 bytes, big-endian, and its 32-byte share) and the 16-byte tag.</param>
internal sealed record BundleDocument(int Version, string Cluster, string Recipient, string Group, string Ephemeral, string Sealed);
