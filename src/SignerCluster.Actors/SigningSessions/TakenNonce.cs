using SignerCluster.Frost;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Actors.SigningSessions;

/// <summary>A nonce outside the vault, owned by whoever took it; either still secret, or already bound to one package and its share.</summary>
public sealed class TakenNonce(HeldNonce held, SecretNonce? nonce, Share share) : IDisposable
{
    private HeldNonce _held = held;
    private Share _share = share;

    public Commitment Commitment => _held.Commitment;

    /// <summary>
    /// The share for a package. The first call computes it and destroys the nonce in doing so; from then on the same share is given for the
    /// same package, and asking for another one throws.
    /// </summary>
    public Outcome<Share> Sign(PackageHash package, SecretShare secret, SessionValues values)
    {
        if (_held.BoundTo is { } bound)
        {
            return bound == package ? _share : throw new InvalidOperationException("The nonce is bound to another package.");
        }

        Outcome<Share> signed = Signing.Sign(nonce!, secret, values);
        if (signed.TryGet(out Share produced, out _))
        {
            (_held, _share) = (_held with { BoundTo = package }, produced);
        }

        return signed;
    }

    public void Dispose() => nonce?.Dispose();

    public override string ToString() => $"taken nonce of {Commitment} <redacted>";
}
