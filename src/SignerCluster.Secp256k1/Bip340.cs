using System.Security.Cryptography;
using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>BIP-340 Schnorr signatures by a whole key.</summary>
public static unsafe class Bip340
{
    /// <summary>Signs a message of any length with 32 bytes of auxiliary randomness. Returns 64 bytes: x(R) ‖ s.</summary>
    public static Bytes64 Sign(SecretScalar key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> auxiliary32)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(auxiliary32.Length, 32);
        Bytes64 signature = default;
        byte* keyPair96 = stackalloc byte[96];
        try
        {
            fixed (byte* secret = key.Reveal(), text = message, auxiliary = auxiliary32)
            {
                SecpContext.Expect(NativeMethods.KeyPairCreate(SecpContext.Pointer, keyPair96, secret));
                SchnorrExtraParameters extra = new() { Magic = SchnorrExtraParameters.MagicValue, Auxiliary32 = auxiliary };
                SecpContext.Expect(NativeMethods.SchnorrSign(SecpContext.Pointer, (byte*)&signature, text, (nuint)message.Length, keyPair96, &extra));
            }

            return signature;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(new Span<byte>(keyPair96, 96));
        }
    }

    /// <summary>Does the 64-byte signature verify for a message of any length? Never throws for bad input.</summary>
    public static bool Verify(in XOnlyPublicKey key, ReadOnlySpan<byte> message, in Bytes64 signature)
    {
        Bytes32 x = key.ToBytes();
        if (!XOnlyPublicKey.TryLift(x, out NativePublicKey native))
        {
            return false;
        }

        Bytes64 signature64 = signature;
        fixed (byte* text = message)
        {
            return NativeMethods.SchnorrVerify(SecpContext.Pointer, (byte*)&signature64, text, (nuint)message.Length, in native) == 1;
        }
    }
}
