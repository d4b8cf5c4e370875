using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;

namespace SignerCluster.Protocol.RoastCoordinator;

/// <summary>
/// Public evidence that a seat's contribution is bad. Everything is inside except the group's public data, so a third party
/// re-verifies it offline (A6). It proves the mathematics; who sent the bytes is proved by transport signatures, where those exist.
/// </summary>
public sealed record BlameCertificate(SessionId Session, SigningRequest Request, SigningPackage Package, SeatId Seat, Batch<Share> Share)
{
    /// <summary>
    /// True exactly when the share is a bad share of that seat for that package: attempt id and package fit the request, the seat is one of
    /// exactly t signers, and there is not one share a message that passes BIP-445 PartialSigVerify. False for anything else, a context fault included (A5).
    /// </summary>
    public bool Proves(ThresholdInfo group)
    {
        bool fits = new GroupId(group.GroupKey.XOnly) == Request.Group
            && Package.Attempt.IsCanonical(Session, Request)
            && Package.Message == Request.Message
            && Package.Tweaks.Equals(Request.Tweaks)
            && Package.IsEven
            && Package.Commitments.Count == group.Threshold
            && Package.Commitments.Seats.IsSubsetOf(Package.Attempt.Included)
            && Package.Attempt.Included.IsSubsetOf(group.Seats);
        return fits
            && Package.Commitments.TryGet(Seat, out Batch<Commitment>? commitment)
            && Package.Values(group).TryGet(out Batch<SessionValues>? values, out _)
            && !AreGood(Share, values, Seat, commitment);
    }

    /// <summary>Is there one share for each message, and each the one that the seat owes?</summary>
    internal static bool AreGood(Batch<Share> shares, Batch<SessionValues> values, SeatId seat, Batch<Commitment> commitment) =>
        shares.Count == values.Count
        && Batch.All(values.Count, message => ShareVerification.Verify(values[message], seat, commitment[message], shares[message]));
}
