using System.Collections.Immutable;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>N1: every share that was ever released, by the commitment that it spent.</summary>
internal sealed record ReleasedShares(ImmutableDictionary<Batch<Commitment>, (PackageHash Package, Batch<Share> Share)> ByCommitment)
{
    internal static ReleasedShares None { get; } = new(ImmutableDictionary<Batch<Commitment>, (PackageHash, Batch<Share>)>.Empty);

    internal ReleasedShares With(SeatRunner seat)
    {
        ImmutableDictionary<Batch<Commitment>, (PackageHash Package, Batch<Share> Share)> released = ByCommitment;
        Batch<Commitment> live = default(Commitment);
        foreach (SigningSessionEvent @event in seat.History)
        {
            switch (@event)
            {
                case SigningSessionEvent.AttemptJoined joined:
                    live = joined.Commitment;
                    break;
                case SigningSessionEvent.ShareProduced produced:
                    bool known = released.TryGetValue(live, out (PackageHash Package, Batch<Share> Share) earlier);
                    Assert.True(!known || earlier == (produced.Package, produced.Share), "N1: one commitment gave shares for two packages.");
                    released = released.SetItem(live, (produced.Package, produced.Share));
                    break;
                default:
                    break;
            }
        }

        return new ReleasedShares(released);
    }
}
