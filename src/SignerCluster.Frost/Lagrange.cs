using System.Numerics;
using SignerCluster.Secp256k1;

namespace SignerCluster.Frost;

/// <summary>
/// Lagrange coefficients over seats. Every factor is a difference of identifiers, so its size is at most 128: equal factors above and below the
/// fraction bar cancel as integers, what is left above multiplies in machine words, and what is left below looks up a table of inverses.
/// No 256-bit inversion is ever needed.
/// </summary>
internal static class Lagrange
{
    /// <summary>The identifier at which the group's own secret lies, since a seat's polynomial argument is its identifier plus one.</summary>
    internal const int GroupKeyPosition = -1;

    private static readonly Scalar[] _inverses = ComputeInverses();

    /// <summary>The weight of a member when the group secret is interpolated from the set (BIP-445 <c>derive_interpolating_value</c>).</summary>
    internal static Scalar Coefficient(SeatSet set, SeatId member) => Coefficient(set, member, GroupKeyPosition);

    /// <summary>The weight of a member when the value at another identifier is interpolated from the set.</summary>
    internal static Scalar Coefficient(SeatSet set, SeatId member, int position)
    {
        Span<sbyte> exponents = stackalloc sbyte[SeatId.MaxCount + 1];
        exponents.Clear();
        bool negative = false;
        foreach (SeatId other in set)
        {
            if (other == member)
            {
                continue;
            }

            int above = position - other.Value;
            int below = member.Value - other.Value;
            if (above == 0)
            {
                return Scalar.Zero;
            }

            negative ^= (above < 0) ^ (below < 0);
            exponents[Math.Abs(above)]++;
            exponents[Math.Abs(below)]--;
        }

        Scalar magnitude = Multiply(exponents);
        return negative ? -magnitude : magnitude;
    }

    /// <summary>The point at <paramref name="position"/> of the polynomial through the members' points, which are in ascending order of seat.</summary>
    internal static Point Interpolate(SeatSet set, ReadOnlySpan<Point> points, int position)
    {
        Span<Point> terms = stackalloc Point[points.Length];
        int index = 0;
        foreach (SeatId seat in set)
        {
            terms[index] = Coefficient(set, seat, position) * points[index];
            index++;
        }

        return Point.Sum(terms);
    }

    private static Scalar Multiply(ReadOnlySpan<sbyte> exponents)
    {
        Scalar product = Scalar.One;
        ulong word = 1;
        for (int factor = 2; factor < exponents.Length; factor++)
        {
            for (int exponent = exponents[factor]; exponent < 0; exponent++)
            {
                product *= _inverses[factor];
            }

            for (int exponent = exponents[factor]; exponent > 0; exponent--)
            {
                word *= (uint)factor;
                // The next factor is at most 2^7, so a word below 2^57 cannot overflow.
                if (word >> 57 != 0)
                {
                    product *= Scalar.FromUInt64(word);
                    word = 1;
                }
            }
        }

        return word == 1 ? product : product * Scalar.FromUInt64(word);
    }

    /// <summary>1/k modulo n for k below 128, as the exact quotient (m·n + 1) / k.</summary>
    private static Scalar[] ComputeInverses()
    {
        Bytes32 minusOne = (-Scalar.One).ToBytes();
        BigInteger order = new BigInteger(minusOne.AsSpan(), isUnsigned: true, isBigEndian: true) + 1;
        Scalar[] inverses = new Scalar[SeatId.MaxCount];
        Span<byte> bytes32 = stackalloc byte[32];
        for (int factor = 1; factor < inverses.Length; factor++)
        {
            BigInteger multiple = order + 1;
            while (!(multiple % factor).IsZero)
            {
                multiple += order;
            }

            // For 1 the quotient is n + 1, which is 1 again.
            BigInteger inverse = multiple / factor % order;
            bytes32.Clear();
            inverse.TryWriteBytes(bytes32[(32 - inverse.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true);
            inverses[factor] = Scalar.Parse(bytes32);
        }

        return inverses;
    }
}
