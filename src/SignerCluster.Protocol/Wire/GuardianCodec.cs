using SignerCluster.Protocol.Guardian;

namespace SignerCluster.Protocol.Wire;

/// <summary>How the events of a guardian are stored.</summary>
public static class GuardianCodec
{
    public static EventCodec<GuardianEvent> Events { get; } = new(
        ("guardian.recorded.v1", WireJson.Default.GuardianRecorded),
        ("guardian.stopped.v1", WireJson.Default.GuardianStopped),
        ("guardian.resumed.v1", WireJson.Default.GuardianResumed));

    /// <summary>Checkpoints of a guardian, which stand in a history of their own.</summary>
    public static EventCodec<GuardianCheckpoint> Checkpoints { get; } = new(("guardian.checkpoint.v1", WireJson.Default.GuardianCheckpoint));
}
