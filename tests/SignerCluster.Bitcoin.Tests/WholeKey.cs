using SignerCluster.Secp256k1;

namespace SignerCluster.Bitcoin.Tests;

/// <summary>A whole key in the place of a group: it signs what the cluster would sign together.</summary>
internal static class WholeKey
{
    public static XOnlyPublicKey PublicKey(byte[] secret)
    {
        using SecretScalar key = SecretScalar.Parse(secret);
        return key.ToPoint().XOnly;
    }

    /// <summary>Signs with the key that BIP-0341 derives by the tweak, with auxiliary randomness of zeros.</summary>
    public static Bytes64 Sign(byte[] secret, Scalar tweak, Bytes32 message)
    {
        using SecretScalar key = Tweaked(secret, tweak);
        return Bip340.Sign(key, message.AsSpan(), new byte[32]);
    }

    public static SecretScalar Tweaked(byte[] secret, Scalar tweak)
    {
        SecretScalar key = SecretScalar.Parse(secret);
        if (!key.ToPoint().HasEvenY)
        {
            key.Negate();
        }

        using SecretScalar addend = SecretScalar.Parse(tweak.ToBytes().AsSpan());
        key.Add(addend);
        return key;
    }
}
