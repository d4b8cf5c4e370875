using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1;

/// <summary>An x-only public key that was lifted to its point once, to verify many signatures (BIP-0340). Immutable.</summary>
public sealed unsafe class VerifyingKey
{
    private readonly NativePublicKey _native;

    /// <summary>Throws <see cref="InvalidOperationException"/> for an unset key.</summary>
    public VerifyingKey(in XOnlyPublicKey key)
    {
        Key = key;
        _native = key.ToPoint().Native;
    }

    public XOnlyPublicKey Key { get; }

    /// <summary>Do these 64 bytes sign a message of any length? Never throws: another length is no signature.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature64)
    {
        if (signature64.Length != 64)
        {
            return false;
        }

        fixed (byte* text = message, signature = signature64)
        {
            return NativeMethods.SchnorrVerify(SecpContext.Pointer, signature, text, (nuint)message.Length, in _native) == 1;
        }
    }

    public override string ToString() => Key.ToString();
}
