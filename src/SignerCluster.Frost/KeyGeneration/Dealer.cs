using System.Security.Cryptography;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.KeyGeneration;

/// <summary>What a dealer hands out: the public transcript, and one secret share a seat in ascending order. Disposing zeroes all shares.</summary>
public sealed class Dealing : IDisposable
{
    internal Dealing(KeyGenerationTranscript transcript, IReadOnlyList<SecretShare> shares)
    {
        Transcript = transcript;
        Shares = shares;
    }

    public KeyGenerationTranscript Transcript { get; }

    public IReadOnlyList<SecretShare> Shares { get; }

    public void Dispose()
    {
        foreach (SecretShare share in Shares)
        {
            share.Dispose();
        }
    }

    public override string ToString() => $"dealing of {Shares.Count} shares <redacted>";
}

/// <summary>
/// Trusted-dealer key generation: Shamir shares of a fresh key with Feldman commitments. The dealer knows the key while this runs, so it belongs on
/// a machine that is trusted with it; receivers need not trust the dealer to have dealt consistently.
/// </summary>
public static class Dealer
{
    private static readonly TaggedHash _coefficientHash = new("SignerCluster/dealer/coefficient");

    /// <summary>
    /// Derives the polynomial from at least 32 bytes of fresh entropy, which determine it together with threshold and size, and deals a share
    /// f(i+1) to each seat i. Throws <see cref="ArgumentException"/> for less entropy. Refusals: <c>threshold_out_of_range</c>,
    /// <c>too_many_participants</c>.
    /// </summary>
    public static Outcome<Dealing> Deal(ReadOnlySpan<byte> entropy, int threshold, int participants)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entropy.Length, 32);
        if (ThresholdInfo.CheckSize(threshold, participants) is { } refusal)
        {
            return refusal;
        }

        SecretScalar[] coefficients = new SecretScalar[threshold];
        try
        {
            for (int degree = 0; degree < threshold; degree++)
            {
                coefficients[degree] = DeriveCoefficient(entropy, threshold, participants, degree);
            }

            SecretShare[] shares = new SecretShare[participants];
            for (int index = 0; index < participants; index++)
            {
                shares[index] = new SecretShare(new SeatId(index), Evaluate(coefficients, index + 1));
            }

            Point[] commitments = Array.ConvertAll(coefficients, static coefficient => coefficient.ToPoint());
            Point[] publicShares = Array.ConvertAll(shares, static share => share.PublicShare);
            return new Dealing(KeyGenerationTranscript.Create(threshold, participants, commitments, commitments[0], publicShares).Value, shares);
        }
        finally
        {
            Array.ForEach(coefficients, static coefficient => coefficient?.Dispose());
        }
    }

    private static SecretScalar DeriveCoefficient(ReadOnlySpan<byte> entropy, int threshold, int participants, int degree)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(entropy.Length + 12, pinned: true);
        Span<byte> digest32 = stackalloc byte[32];
        try
        {
            HashInput input = new(buffer);
            input.Append(entropy);
            input.AppendUInt32(threshold);
            input.AppendUInt32(participants);
            input.AppendUInt32(degree);
            _coefficientHash.Compute(buffer, digest32);
            return SecretScalar.TryReduce(digest32, out SecretScalar? coefficient)
                ? coefficient
                : throw new InvalidOperationException("A coefficient hashed to zero, which no honest run reaches.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
            CryptographicOperations.ZeroMemory(digest32);
        }
    }

    /// <summary>Horner's rule: the argument is public, the coefficients and all sums are secret.</summary>
    private static SecretScalar Evaluate(SecretScalar[] coefficients, int argument)
    {
        Scalar x = Scalar.FromUInt64((ulong)argument);
        SecretScalar sum = coefficients[^1].Clone();
        for (int degree = coefficients.Length - 2; degree >= 0; degree--)
        {
            sum.Multiply(x);
            sum.Add(coefficients[degree]);
        }

        return sum;
    }
}
