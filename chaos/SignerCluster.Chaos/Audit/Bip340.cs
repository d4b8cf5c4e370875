using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace SignerCluster.Chaos.Audit;

/// <summary>
/// Verifies BIP-340 signatures over BouncyCastle's curve. It is not constant-time, which public data does not need; it shares no line with the product or its
/// library, so a mistake there is not repeated here.
/// </summary>
internal static class Bip340
{
    private static readonly X9ECParameters _curve = CustomNamedCurves.GetByName("secp256k1");
    private static readonly byte[] _tag = SHA256.HashData("BIP0340/challenge"u8);

    /// <summary>Is this a signature of the message under the key? False too for anything that is no hex of the right length.</summary>
    /// <param name="key">An x-only key, 64 hex digits.</param>
    /// <param name="message">64 hex digits.</param>
    /// <param name="signature">128 hex digits.</param>
    internal static bool Verify(string key, string message, string signature)
    {
        if (!IsHex(key, 64) || !IsHex(message, 64) || !IsHex(signature, 128) || Negated(Convert.FromHexString(key)) is not { } negated)
        {
            return false;
        }

        byte[] nonce = Convert.FromHexString(signature[..64]);
        BigInteger s = new(signature[64..], 16);
        BigInteger e = new BigInteger(1, SHA256.HashData([.. _tag, .. _tag, .. nonce, .. Convert.FromHexString(key + message)])).Mod(_curve.N);

        // One comparison finds infinity, an odd y, another x, and a nonce that is not below the field size: none of them has this encoding.
        return s.CompareTo(_curve.N) < 0
            && ECAlgorithms.SumOfTwoMultiplies(_curve.G, s, negated, e).GetEncoded(true).AsSpan().SequenceEqual<byte>([2, .. nonce]);
    }

    private static bool IsHex(string text, int digits) => text.Length == digits && text.All(char.IsAsciiHexDigit);

    /// <summary>The point of this x whose y is odd: minus the key. Null where the curve has no such x.</summary>
    private static ECPoint? Negated(byte[] key)
    {
        try
        {
            return _curve.Curve.DecodePoint([3, .. key]);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
