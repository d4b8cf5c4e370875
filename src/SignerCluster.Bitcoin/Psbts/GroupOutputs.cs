using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Psbts;

/// <summary>
/// Tells which outputs are a group's. A derivation field of a PSBT is a claim and nothing more: the child is derived anew, and the output must pay to it.
/// </summary>
internal sealed class GroupOutputs
{
    private const int FingerprintLength = 4;
    private readonly GroupAccount _account;

    // Nearly all inputs of a group without derived addresses are this one.
    private readonly GroupOutput _ownWithoutScripts;

    public GroupOutputs(XOnlyPublicKey groupKey)
    {
        _account = new GroupAccount(groupKey);
        _ownWithoutScripts = GroupOutput.Of(_account.Own, merkleRoot: null);
    }

    /// <summary>
    /// The child that a map names, if deriving it by its fingerprint and path leads to the key that the map gives. One field is looked at and no more, that of
    /// the internal key, or the only one there is: a file full of them must not cost more than a file.
    /// </summary>
    public KeyClaim ClaimIn(PsbtMap map, ulong derivationType, Bytes32? internalKey)
    {
        bool isThere = internalKey is { } key
            ? map.TryGet(derivationType, key.AsSpan(), out PsbtEntry entry)
            : map.TryGetOnly(derivationType, out entry);
        if (!isThere)
        {
            return default;
        }

        ByteReader reader = new(entry.Value);
        bool isRead = reader.TryReadCount(minimumItemBytes: Bytes32.Length, out int leaves) & reader.TryReadBytes(Bytes32.Length * leaves, out _);
        ReadOnlySpan<byte> origin = entry.Value[reader.Position..];
        if (!isRead || origin.Length < FingerprintLength || BinaryPrimitives.ReadUInt32BigEndian(origin) != _account.Fingerprint)
        {
            return default;
        }

        if (!DerivationPath.TryRead(origin[FingerprintLength..], out DerivationPath? path, out BitcoinRefusal? refusal))
        {
            return new KeyClaim(null, refusal.Message);
        }

        DerivedKey child = _account.Derive(path);
        return child.InternalKey.ToBytes().AsSpan().SequenceEqual(entry.KeyData)
            ? new KeyClaim(child, null)
            : new KeyClaim(null, $"Its path {path} leads to another key than it names.");
    }

    /// <summary>The group's key that a script pays to, its own or the child; null for scripts of others.</summary>
    /// <param name="merkleRoot">The root of the script tree that the output is said to have.</param>
    public GroupOutput? Find(Script script, Bytes32? merkleRoot, DerivedKey? child)
    {
        if (!script.TryGetTaprootProgram(out Bytes32 program))
        {
            return null;
        }

        GroupOutput own = merkleRoot is null ? _ownWithoutScripts : GroupOutput.Of(_account.Own, merkleRoot);
        if (program == own.OutputKey.ToBytes())
        {
            return own;
        }

        return child is not null && GroupOutput.Of(child, merkleRoot) is { } below && program == below.OutputKey.ToBytes() ? below : null;
    }
}

/// <summary>What came of a derivation field.</summary>
/// <param name="Child">The key, when it was proved.</param>
/// <param name="Fault">Why it was not, where the field has the group's fingerprint; a sentence.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeyClaim(DerivedKey? Child, string? Fault);

/// <summary>An output that the group can spend by the key path.</summary>
internal sealed record GroupOutput(DerivedKey Key, Bytes32? MerkleRoot, XOnlyPublicKey OutputKey)
{
    /// <summary>How the group's key becomes the output key. Shared by all inputs that spend such outputs.</summary>
    public IReadOnlyList<KeyStep> Steps => field ??= Key.StepsTo(MerkleRoot);

    public static GroupOutput Of(DerivedKey key, Bytes32? merkleRoot) => new(key, merkleRoot, key.OutputKey(merkleRoot));
}
