using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Protocol.Wire;

/// <summary>How the events of a signing session are stored.</summary>
public static class SigningSessionCodec
{
    public static EventCodec<SigningSessionEvent> Events { get; } = new(
        ("signing-session.session-opened.v1", WireJson.Default.SessionOpened),
        ("signing-session.attempt-joined.v1", WireJson.Default.AttemptJoined),
        ("signing-session.share-produced.v1", WireJson.Default.ShareProduced),
        ("signing-session.equivocation-seen.v1", WireJson.Default.EquivocationSeen),
        ("signing-session.attempt-aggregated.v1", WireJson.Default.AttemptAggregated),
        ("signing-session.session-aborted.v1", WireJson.Default.SessionAborted));
}
