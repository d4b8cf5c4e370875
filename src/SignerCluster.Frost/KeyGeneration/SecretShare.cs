using SignerCluster.Secp256k1;

namespace SignerCluster.Frost.KeyGeneration;

/// <summary>
/// The secret share of one seat, bound to its seat for life: a share used under another identifier would produce shares that verify for nobody.
/// The memory is zeroed by <see cref="Dispose"/>. Not safe for concurrent disposal and use.
/// </summary>
public sealed class SecretShare : IDisposable
{
    private readonly SecretScalar _secret;

    internal SecretShare(SeatId seat, SecretScalar secret)
    {
        Seat = seat;
        _secret = secret;
        PublicShare = secret.ToPoint();
    }

    public SeatId Seat { get; }

    /// <summary>secret·G, computed once.</summary>
    public Point PublicShare { get; }

    internal SecretScalar Secret => _secret;

    /// <summary>Copies 32 big-endian bytes. Refusal: <c>secret_share_out_of_range</c> for another length, zero, or the group order and above.</summary>
    public static Outcome<SecretShare> Create(SeatId seat, ReadOnlySpan<byte> secret32) =>
        SecretScalar.TryParse(secret32, out SecretScalar? secret)
            ? new SecretShare(seat, secret)
            : new FrostRefusal(FrostCode.SecretShareOutOfRange, "A secret share is 32 bytes in 1..n-1.");

    /// <summary>Writes the 32 secret bytes into memory that the caller owns and must zero: for sealing the share at rest.</summary>
    public void CopyTo(Span<byte> destination32) => _secret.CopyTo(destination32);

    /// <summary>Zeroes the share. Safe to call twice.</summary>
    public void Dispose() => _secret.Dispose();

    public override string ToString() => $"secret share of seat {Seat} <redacted>";
}
