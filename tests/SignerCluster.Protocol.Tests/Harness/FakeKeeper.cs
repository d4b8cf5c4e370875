using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>
/// Does the secret work of one seat with real nonces and shares. Keeps the rules of a nonce vault: one nonce at a time, drawn afresh for
/// every task, gone after its share left, gone after a restart. Immutable, so that an explorer can go back to it.
/// </summary>
internal sealed record FakeKeeper(Party Party, SeatId Seat, int Drawn = 0, HeldNonce? Held = null, int HeldNumber = 0)
{
    internal FakeKeeper Restarted => this with { Held = null };

    internal (SessionCommand Result, FakeKeeper After) Perform(SecretTask task) => task switch
    {
        SigningSessionSecret.DrawNonce draw => Draw(draw),
        SigningSessionSecret.ComputeShare compute => Compute(compute),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private (SessionCommand, FakeKeeper) Draw(SigningSessionSecret.DrawNonce draw)
    {
        Batch<Commitment> commitment = Party.Commitment(draw.Attempt, Seat, Drawn);
        return (
            new SessionCommand.RecordCommitment(draw.Attempt, commitment),
            this with { Drawn = Drawn + 1, Held = new HeldNonce(commitment, null), HeldNumber = Drawn });
    }

    private (SessionCommand, FakeKeeper) Compute(SigningSessionSecret.ComputeShare compute)
    {
        Assert.NotNull(Held);
        Assert.True(Held.BoundTo is null || Held.BoundTo == compute.Package, "N1: the nonce was used for another package already.");
        Assert.Equal(Held.Commitment, Party.Commitment(compute.Attempt, Seat, HeldNumber));
        Batch<Share> share = Party.Sign(compute.Attempt, compute.Values, Seat, HeldNumber);
        return (new SessionCommand.RecordShare(compute.Attempt, compute.Package, share), this with { Held = null });
    }
}
