using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.SigningSession;

/// <summary>The nonce that the vault holds for a session, by its public half; bound once it was computed with.</summary>
/// <param name="BoundTo">The one package the nonce was already used for, though that share never left; null for a fresh nonce.</param>
public sealed record HeldNonce(Batch<Commitment> Commitment, PackageHash? BoundTo);

/// <summary>Commands of the signing session.</summary>
public abstract record SessionCommand
{
    private SessionCommand()
    {
    }

    /// <summary>A request from outside, with the facts of the moment.</summary>
    public sealed record Asked(SeatRequest Request, Standing Standing, HeldNonce? Held) : SessionCommand;

    /// <summary>The keeper of secrets drew a nonce for a <see cref="SigningSessionSecret.DrawNonce"/>.</summary>
    public sealed record RecordCommitment(AttemptContext Attempt, Batch<Commitment> Commitment) : SessionCommand;

    /// <summary>The keeper of secrets computed the share for a <see cref="SigningSessionSecret.ComputeShare"/>.</summary>
    public sealed record RecordShare(AttemptContext Attempt, PackageHash Package, Batch<Share> Share) : SessionCommand;
}

/// <summary>What a signing session needs from the keeper of secrets.</summary>
public abstract record SigningSessionSecret : SecretTask
{
    private SigningSessionSecret()
    {
    }

    /// <summary>A fresh nonce pair for an attempt.</summary>
    public sealed record DrawNonce(SeatAddress Seat, AttemptContext Attempt, ThresholdInfo Group, Batch<Bytes32> Message) : SigningSessionSecret;

    /// <summary>The share of a package that passed every check. Takes the nonce.</summary>
    public sealed record ComputeShare(SeatAddress Seat, AttemptContext Attempt, Batch<Commitment> Commitment, PackageHash Package, Batch<SessionValues> Values)
        : SigningSessionSecret;
}

/// <summary>What must happen after the append.</summary>
public abstract record SessionEffect
{
    private SessionEffect()
    {
    }

    /// <summary>Destroys whatever nonce the vault holds for the session (N10).</summary>
    public sealed record WipeNonce(SeatAddress Seat) : SessionEffect;
}
