using SignerCluster.Protocol;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Checkers;

/// <summary>Verifies one signature a message, one by one.</summary>
internal static class Signatures
{
    internal static bool IsSignedBy(this SigningRequest request, Batch<Bytes64> signatures, Batch<XOnlyPublicKey> keys) =>
        signatures.Count == request.Message.Count
        && Enumerable.Range(0, signatures.Count).All(message => Bip340.Verify(keys.For(message), request.Message[message].AsSpan(), signatures[message]));
}
