using System.Numerics;

namespace SignerCluster.Secp256k1.Tests;

/// <summary>The integers modulo n at which carries, signs and zero tests go wrong.</summary>
internal static class EdgeScalars
{
    internal static IReadOnlyList<BigInteger> All { get; } =
    [
        0, 1, 2, 3, CurveTwin.N - 1, CurveTwin.N - 2, (CurveTwin.N - 1) / 2, (CurveTwin.N + 1) / 2,
        BigInteger.One << 64, BigInteger.One << 128, (BigInteger.One << 255) - 1, CurveTwin.N - (BigInteger.One << 64),
    ];
}
