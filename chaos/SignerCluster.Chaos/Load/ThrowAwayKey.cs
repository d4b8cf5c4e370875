using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Math;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace SignerCluster.Chaos.Load;

/// <summary>The key of a person of a scenario, which is the hash of a name and so everybody's. Signs as BIP-340 says, on BouncyCastle's curve.</summary>
internal sealed class ThrowAwayKey
{
    private static readonly X9ECParameters _curve = CustomNamedCurves.GetByName("secp256k1");
    private readonly BigInteger _secret;

    internal ThrowAwayKey(string name)
    {
        BigInteger secret = new BigInteger(1, SHA256.HashData(Encoding.UTF8.GetBytes(name))).Mod(_curve.N);
        (_secret, Public) = Even(secret);
    }

    /// <summary>X-only, 64 hex digits.</summary>
    internal string Public { get; }

    /// <summary>128 hex digits over a message of 64.</summary>
    internal string Sign(string message)
    {
        byte[] bytes = Convert.FromHexString(message);
        (BigInteger nonce, string commitment) = Even(new BigInteger(1, Tagged("BIP0340/nonce", [.. Bytes32(_secret), .. bytes])).Mod(_curve.N));
        BigInteger challenge = new(1, Tagged("BIP0340/challenge", [.. Convert.FromHexString(commitment + Public), .. bytes]));
        return commitment + Convert.ToHexStringLower(Bytes32(nonce.Add(challenge.Multiply(_secret)).Mod(_curve.N)));
    }

    /// <summary>BIP-340's hash of a message under a tag, 32 bytes.</summary>
    internal static byte[] Tagged(string tag, byte[] message)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(tag));
        return SHA256.HashData([.. hash, .. hash, .. message]);
    }

    /// <summary>The secret, or minus it, whichever has a point with an even y, and the x of that.</summary>
    private static (BigInteger Secret, string X) Even(BigInteger secret)
    {
        byte[] point = _curve.G.Multiply(secret).Normalize().GetEncoded(true);
        return (point[0] == 2 ? secret : _curve.N.Subtract(secret), Convert.ToHexStringLower(point[1..]));
    }

    private static byte[] Bytes32(BigInteger number)
    {
        byte[] bytes = number.ToByteArrayUnsigned();
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    /// <summary>The x-only key Q of BIP-341, of an internal key and the root of its scripts, and whether its y is odd.</summary>
    internal static (string X, bool IsOdd) Tweaked(byte[] internalKey, byte[] root)
    {
        ECPoint lifted = _curve.Curve.DecodePoint([2, .. internalKey]);
        BigInteger tweak = new(1, Tagged("TapTweak", [.. internalKey, .. root]));
        byte[] output = lifted.Add(_curve.G.Multiply(tweak)).Normalize().GetEncoded(true);
        return (Convert.ToHexStringLower(output[1..]), output[0] == 3);
    }
}
