using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Spending;

/// <summary>How BIP-0341 turns an internal key and a script tree into an output.</summary>
public static class Taproot
{
    /// <summary>The greatest depth of a leaf in a script tree.</summary>
    public const int MaximumDepth = 128;

    /// <summary>The leaf version of tapscript (BIP-0342).</summary>
    public const byte TapscriptVersion = 0xc0;

    private static readonly TaggedHash _tapTweak = new("TapTweak");
    private static readonly TaggedHash _tapLeaf = new("TapLeaf");
    private static readonly TaggedHash _tapBranch = new("TapBranch");

    /// <summary>
    /// The point H of BIP-0341, whose x is the hash of the generator: nobody knows its logarithm, so an output with this internal key is spent by its scripts
    /// only, and everybody can see that.
    /// </summary>
    public static XOnlyPublicKey UnspendableKey { get; } =
        XOnlyPublicKey.Parse(Convert.FromHexString("50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"));

    /// <summary>
    /// t = H_TapTweak(x(P) ‖ root), with nothing behind x(P) for an output without scripts (BIP-0341, BIP-0086). A value of n or more, which
    /// nobody can find, is refused by <see cref="InvalidOperationException"/>.
    /// </summary>
    public static Scalar Tweak(in XOnlyPublicKey internalKey, Bytes32? merkleRoot)
    {
        Span<byte> message = stackalloc byte[64];
        internalKey.ToBytes().AsSpan().CopyTo(message);
        merkleRoot.GetValueOrDefault().AsSpan().CopyTo(message[32..]);
        return TweakFrom(_tapTweak.Compute(message[..(merkleRoot is null ? 32 : 64)]));
    }

    /// <summary>Q = lift_x(P) + t·G as an x coordinate. Throws as <see cref="Tweak"/> does.</summary>
    public static XOnlyPublicKey OutputKey(in XOnlyPublicKey internalKey, Bytes32? merkleRoot) => OutputKey(internalKey, merkleRoot, out _);

    /// <summary>As the other overload, and whether Q has an odd y, which a control block states.</summary>
    public static XOnlyPublicKey OutputKey(in XOnlyPublicKey internalKey, Bytes32? merkleRoot, out bool hasOddY)
    {
        Point output = internalKey.ToPoint().AddGenerator(Tweak(internalKey, merkleRoot));
        hasOddY = !output.HasEvenY;
        return output.XOnly;
    }

    /// <summary>The 34 bytes <c>OP_1 0x20 x(Q)</c>.</summary>
    public static Script ScriptPubKey(in XOnlyPublicKey outputKey) => Script.From([0x51, 0x20, .. outputKey.ToBytes().AsSpan()]);

    /// <summary>H_TapLeaf(version ‖ compact size ‖ script).</summary>
    public static Bytes32 LeafHash(byte leafVersion, Script script)
    {
        ByteWriter writer = new();
        writer.WriteByte(leafVersion);
        writer.WriteVariableBytes(script.AsSpan());
        return _tapLeaf.Compute(writer.Written);
    }

    /// <summary>H_TapBranch of two nodes, the smaller first; so the order of the arguments does not matter.</summary>
    public static Bytes32 BranchHash(in Bytes32 left, in Bytes32 right)
    {
        bool inOrder = left.AsSpan().SequenceCompareTo(right.AsSpan()) <= 0;
        return _tapBranch.Compute([.. (inOrder ? left : right).AsSpan(), .. (inOrder ? right : left).AsSpan()]);
    }

    internal static Scalar TweakFrom(in Bytes32 hash) =>
        Scalar.TryParse(hash.AsSpan(), out Scalar tweak)
            ? tweak
            : throw new InvalidOperationException("The taproot tweak is not below the group order; BIP-0341 makes such a key invalid.");
}
