using SignerCluster.Bitcoin.Addresses;
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

    /// <summary>Signs with the key that the steps lead to, with auxiliary randomness of zeros.</summary>
    public static Bytes64 Sign(byte[] secret, IReadOnlyList<KeyStep> steps, Bytes32 message)
    {
        using SecretScalar key = After(secret, steps);
        return Bip340.Sign(key, message.AsSpan(), new byte[32]);
    }

    public static SecretScalar After(byte[] secret, IReadOnlyList<KeyStep> steps)
    {
        SecretScalar key = SecretScalar.Parse(secret);
        foreach (KeyStep step in steps)
        {
            if (step.IsXOnly && !key.ToPoint().HasEvenY)
            {
                key.Negate();
            }

            using SecretScalar addend = SecretScalar.Parse(step.Value.ToBytes().AsSpan());
            key.Add(addend);
        }

        return key;
    }
}
