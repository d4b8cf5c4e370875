using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Protocol.Wire;

/// <summary>How the events of a coordinated session are stored.</summary>
public static class RoastCodec
{
    public static EventCodec<RoastEvent> Events { get; } = new(
        ("roast.signing-requested.v1", WireJson.Default.SigningRequested),
        ("roast.attempt-proposed.v1", WireJson.Default.AttemptProposed),
        ("roast.commitment-received.v1", WireJson.Default.CommitmentReceived),
        ("roast.package-issued.v1", WireJson.Default.PackageIssued),
        ("roast.share-accepted.v1", WireJson.Default.ShareAccepted),
        ("roast.seat-convicted.v1", WireJson.Default.SeatConvicted),
        ("roast.seat-withdrew.v1", WireJson.Default.SeatWithdrew),
        ("roast.seat-declined.v1", WireJson.Default.SeatDeclined),
        ("roast.session-completed.v1", WireJson.Default.SessionCompleted),
        ("roast.session-failed.v1", WireJson.Default.SessionFailed));
}
