using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.Round1;

/// <summary>
/// A nonce pair that signs at most once. Signing takes the two scalars out in one atomic step before it does anything with them, so neither a
/// second call, nor a racing thread, nor a call after a failure can find them. There is no way to store or to copy it.
/// </summary>
public sealed class SecretNonce : IDisposable
{
    private Pair? _pair;

    internal SecretNonce(SecretScalar first, SecretScalar second)
    {
        Commitment = Commitment.From(first.ToPoint(), second.ToPoint());
        _pair = new Pair(first, second);
    }

    /// <summary>The public half, which may be sent.</summary>
    public Commitment Commitment { get; }

    /// <summary>Has the nonce been taken for signing, or disposed?</summary>
    public bool IsSpent => Volatile.Read(ref _pair) is null;

    /// <summary>Zeroes the nonce. Safe to call twice, and after signing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _pair, null)?.Dispose();

    public override string ToString() => $"secret nonce of {Commitment} <redacted>";

    /// <summary>Reads 64 bytes k1 ‖ k2. Internal: only published vectors bring a secret nonce from outside.</summary>
    internal static Outcome<SecretNonce> Parse(ReadOnlySpan<byte> nonce64)
    {
        if (!SecretScalar.TryParse(nonce64[..32], out SecretScalar? first))
        {
            return new FrostRefusal(FrostCode.FirstNonceOutOfRange, "The first secret nonce is not in 1..n-1.");
        }

        if (!SecretScalar.TryParse(nonce64[32..], out SecretScalar? second))
        {
            first.Dispose();
            return new FrostRefusal(FrostCode.SecondNonceOutOfRange, "The second secret nonce is not in 1..n-1.");
        }

        return new SecretNonce(first, second);
    }

    /// <summary>Hands the scalars over, once; the caller disposes of them. Throws <see cref="InvalidOperationException"/> afterwards.</summary>
    internal Pair Take() =>
        Interlocked.Exchange(ref _pair, null) ?? throw new InvalidOperationException("This nonce is spent; a nonce signs at most once.");

    /// <summary>The two scalars k1 and k2.</summary>
    internal sealed class Pair(SecretScalar first, SecretScalar second) : IDisposable
    {
        internal SecretScalar First { get; } = first;

        internal SecretScalar Second { get; } = second;

        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
        }
    }
}
