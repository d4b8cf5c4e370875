using SignerCluster.Protocol.CovenantJob;

namespace SignerCluster.Protocol.Wire;

/// <summary>How the events of a covenant job are stored.</summary>
public static class CovenantJobCodec
{
    public static EventCodec<JobEvent> Events { get; } = new(
        ("covenant-job.accepted.v1", WireJson.Default.JobAccepted),
        ("covenant-job.signed.v1", WireJson.Default.JobSigned),
        ("covenant-job.failed.v1", WireJson.Default.JobFailed));

    /// <summary>The decision on a job has a history of its own.</summary>
    public static EventCodec<JobDecisionEvent> Decisions { get; } = new(("covenant-job-decision.abandoned.v1", WireJson.Default.JobAbandoned));
}
