using SignerCluster.Bitcoin.Transactions;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Policy;

/// <summary>
/// A person's yes to one payment of one group: the x-only identity key of the person (32 bytes), and its BIP-340 signature over
/// <see cref="MessageOf"/> (64 bytes). Text: 192 lower-case hex digits; either case parses. Whether it holds is for those to say who know the approvers.
/// </summary>
public readonly record struct Approval(Bytes96 Bytes)
{
    /// <summary>More than these do not travel with a payment, so that nobody is made to verify without end.</summary>
    public const int MaximumCount = 32;

    private const int KeyBytes = 32;
    private static readonly TaggedHash _domain = new("SignerCluster/approval/v1");

    public Approval(XOnlyPublicKey approver, Bytes64 signature)
        : this(FixedBytes.From<Bytes96>([.. approver.ToBytes().AsSpan(), .. signature.AsSpan()]))
    {
    }

    /// <summary>The 32 bytes of the key that it claims to be of.</summary>
    public Bytes32 Approver => FixedBytes.From<Bytes32>(Bytes.AsSpan()[..KeyBytes]);

    /// <summary>
    /// The 32 bytes that are signed: H_SignerCluster/approval/v1 of the group's id and the txid in the order of its serialisation, each behind its length in 4
    /// bytes.
    /// </summary>
    public static Bytes32 MessageOf(GroupId group, Txid txid) => new FramedHash(_domain).Add(group.X).Add(txid.InternalOrder).Finish();

    public static bool TryParse(ReadOnlySpan<char> hex192, out Approval approval)
    {
        bool parsed = FixedBytes.TryParseHex(hex192, out Bytes96 bytes);
        approval = new Approval(bytes);
        return parsed;
    }

    public override string ToString() => Bytes.ToString();

    /// <summary>Is it of this approver, and over this message?</summary>
    internal bool IsOf(XOnlyPublicKey approver, Bytes32 message) =>
        Approver == approver.ToBytes() && Bip340.Verify(approver, message.AsSpan(), FixedBytes.From<Bytes64>(Bytes.AsSpan()[KeyBytes..]));
}
