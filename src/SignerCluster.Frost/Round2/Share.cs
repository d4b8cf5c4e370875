using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round2;

/// <summary>A partial signature: 32 big-endian bytes. Public, and unchecked: a value of the group order or above never verifies.</summary>
public readonly record struct Share(Bytes32 Bytes)
{
    public override string ToString() => Bytes.ToString();
}
