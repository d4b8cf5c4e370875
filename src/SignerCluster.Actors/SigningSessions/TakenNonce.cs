using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>
/// The nonces of an attempt outside the vault, owned by whoever took them; either still secret, or already bound to one package and its share.
/// </summary>
public sealed class TakenNonce(HeldNonce held, SecretNonces? nonces, Batch<Share>? share) : IDisposable
{
    private HeldNonce _held = held;
    private Batch<Share>? _share = share;

    public Batch<Commitment> Commitment => _held.Commitment;

    /// <summary>
    /// The share for a package. The first call computes it and destroys the nonces in doing so; from then on the same share is given for the
    /// same package, and asking for another one throws.
    /// </summary>
    public Outcome<Batch<Share>> Sign(PackageHash package, SecretShare secret, Batch<SessionValues> values)
    {
        if (_held.BoundTo is { } bound)
        {
            return bound == package ? _share! : throw new InvalidOperationException("The nonce is bound to another package.");
        }

        Outcome<Batch<Share>> signed = nonces!.Sign(secret, values);
        if (signed.TryGet(out Batch<Share>? produced, out _))
        {
            (_held, _share) = (_held with { BoundTo = package }, produced);
        }

        return signed;
    }

    public void Dispose() => nonces?.Dispose();

    public override string ToString() => $"taken nonce of {Commitment} <redacted>";
}
