using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using NBitcoin.WalletPolicies;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>One step from a key to the next: the key, lifted to an even y first where <paramref name="IsXOnly"/>, plus value times the generator.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct KeyStep(Scalar Value, bool IsXOnly);

/// <summary>A key below the group's.</summary>
/// <param name="Steps">How the group's key becomes the output key of its address, the taproot tweak of an output without scripts last.</param>
/// <param name="InternalKey">The derived key, before the taproot tweak.</param>
/// <param name="OutputKey">The key that the address pays to.</param>
public sealed record DerivedKey(IReadOnlyList<KeyStep> Steps, XOnlyPublicKey InternalKey, XOnlyPublicKey OutputKey);

/// <summary>
/// The group's key as the root of BIP-0032 derivation without hardened steps, so that a watch-only wallet can make addresses by itself. The group's id
/// is an x coordinate, so the root is its point with an even y; its chain code, which no secret ever backs, is H_SignerCluster/chain-code(x). Whoever
/// knows the group's key knows all its addresses.
/// </summary>
public sealed class GroupAccount(XOnlyPublicKey groupKey)
{
    private const uint FirstHardened = 0x8000_0000;
    private static readonly TaggedHash _chainCode = new("SignerCluster/chain-code");
    private readonly Bytes32 _rootChainCode = _chainCode.Compute(groupKey.ToBytes().AsSpan());

    /// <summary>The extended public key of the group on a network: depth 0, no parent.</summary>
    public string ExtendedPublicKey(Network network) =>
        new NBitcoin.ExtPubKey(new NBitcoin.PubKey(groupKey.ToPoint().ToCompressed().AsSpan().ToArray()), _rootChainCode.AsSpan().ToArray())
            .ToString(network.ToNBitcoin());

    /// <summary>The BIP-0389 descriptor of all addresses, 0 for receiving and 1 for change, with its BIP-0380 checksum: what Bitcoin Core imports.</summary>
    public string Descriptor(Network network) => Miniscript.AddChecksum($"tr({ExtendedPublicKey(network)}/<0;1>/*)");

    /// <summary>
    /// The BIP-0386 descriptor of the group's one address, with its BIP-0380 checksum: what a watch-only wallet in Bitcoin Core imports, on any network.
    /// </summary>
    public string AddressDescriptor => Miniscript.AddChecksum($"tr({groupKey.ToBytes()})");

    /// <summary>Derives the key of a path below the group's key; refuses hardened steps (<c>path_hardened</c>), which need the secret.</summary>
    public bool TryDerive(IReadOnlyList<uint> path, [NotNullWhen(true)] out DerivedKey? derived, [NotNullWhen(false)] out BitcoinRefusal? refusal)
    {
        derived = null;
        refusal = path.Any(static step => step >= FirstHardened)
            ? new BitcoinRefusal(RefusalCodes.PathHardened, "A hardened step cannot be derived from a public key. Use steps below 2147483648.")
            : null;
        if (refusal is not null)
        {
            return false;
        }

        Point key = groupKey.ToPoint();
        Bytes32 chainCode = _rootChainCode;
        List<KeyStep> steps = [];
        foreach (uint index in path)
        {
            (Scalar addend, chainCode) = Child(key, chainCode, index);
            key = key.AddGenerator(addend);
            // From the second step on the point counts as it is, as BIP-0032 has it.
            steps.Add(new KeyStep(addend, IsXOnly: steps.Count == 0));
        }

        steps.Add(new KeyStep(Taproot.Tweak(key.XOnly, merkleRoot: null), IsXOnly: true));
        derived = new DerivedKey(steps, key.XOnly, Taproot.OutputKey(key.XOnly, merkleRoot: null));
        return true;
    }

    // BIP-0032: I = HMAC-SHA512(chain code, point ‖ index); its left half is added to the key, its right half is the next chain code.
    private static (Scalar Addend, Bytes32 ChainCode) Child(Point key, Bytes32 chainCode, uint index)
    {
        Span<byte> message = stackalloc byte[37];
        key.ToCompressed().AsSpan().CopyTo(message);
        BinaryPrimitives.WriteUInt32BigEndian(message[33..], index);
        byte[] mixed = HMACSHA512.HashData(chainCode.AsSpan(), message);
        return Scalar.TryParse(mixed.AsSpan(0, 32), out Scalar addend)
            ? (addend, FixedBytes.From<Bytes32>(mixed.AsSpan(32)))
            : throw new InvalidOperationException("The derived addend is not below the group order; BIP-0032 makes such a child invalid.");
    }
}
