using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using NBitcoin.WalletPolicies;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Addresses;

/// <summary>
/// The group's key as the root of BIP-0032 derivation without hardened steps, so that a watch-only wallet can make addresses by itself. The group's id
/// is an x coordinate, so the root is its point with an even y; its chain code, which no secret ever backs, is H_SignerCluster/chain-code(x). Whoever
/// knows the group's key knows all its addresses.
/// </summary>
public sealed class GroupAccount
{
    /// <summary>The BIP-0388 policy of all addresses; its one key is <see cref="KeyInformation"/>.</summary>
    public const string Policy = "tr(@0/**)";

    private static readonly TaggedHash _chainCode = new("SignerCluster/chain-code");
    private readonly Bytes32 _rootChainCode;
    private readonly Point _root;

    public GroupAccount(XOnlyPublicKey groupKey)
    {
        _root = groupKey.ToPoint();
        _rootChainCode = _chainCode.Compute(groupKey.ToBytes().AsSpan());
        Own = new DerivedKey(DerivationPath.Root, [], groupKey);
        Fingerprint = BinaryPrimitives.ReadUInt32BigEndian(ToNBitcoin().GetHDFingerPrint().ToBytes());
    }

    /// <summary>The group's own key.</summary>
    public DerivedKey Own { get; }

    /// <summary>
    /// The BIP-0386 descriptor of the group's one address, with its BIP-0380 checksum: what a watch-only wallet in Bitcoin Core imports, on any network.
    /// </summary>
    public string AddressDescriptor => Miniscript.AddChecksum($"tr({Own.InternalKey})");

    /// <summary>How PSBTs name the root: the first 4 bytes of the HASH160 of its compressed point (BIP-0032), the first one highest.</summary>
    internal uint Fingerprint { get; }

    /// <summary>The extended public key of the group on a network: depth 0, no parent.</summary>
    public string ExtendedPublicKey(Network network) =>
        new NBitcoin.ExtPubKey(ToNBitcoin(), _rootChainCode.AsSpan().ToArray()).ToString(network.ToNBitcoin());

    /// <summary>The extended public key with its origin (BIP-0380), which is itself; some wallets want one.</summary>
    public string KeyInformation(Network network) =>
        string.Create(CultureInfo.InvariantCulture, $"[{Fingerprint:x8}]{ExtendedPublicKey(network)}");

    /// <summary>The BIP-0389 descriptor of all addresses, 0 for receiving and 1 for change, with its BIP-0380 checksum: what Bitcoin Core imports.</summary>
    public string Descriptor(Network network) => Miniscript.AddChecksum($"tr({KeyInformation(network)}/<0;1>/*)");

    /// <summary>The key of a path below the group's key.</summary>
    public DerivedKey Derive(DerivationPath path)
    {
        Point key = _root;
        Bytes32 chainCode = _rootChainCode;
        List<KeyStep> chain = [];
        foreach (uint index in path.Steps)
        {
            (Scalar addend, chainCode) = Child(key, chainCode, index);
            key = key.AddGenerator(addend);
            // From the second step on the point counts as it is, as BIP-0032 has it.
            chain.Add(new KeyStep(addend, IsXOnly: chain.Count == 0));
        }

        return new DerivedKey(path, chain, key.XOnly);
    }

    private NBitcoin.PubKey ToNBitcoin() => new(_root.ToCompressed().AsSpan().ToArray());

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
