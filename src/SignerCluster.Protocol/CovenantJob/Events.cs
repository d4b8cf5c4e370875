using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>What happened to a job.</summary>
public abstract record JobEvent
{
    private JobEvent()
    {
    }

    /// <summary>The job is accepted, and its session may begin. <paramref name="Digest"/> is kept beside the request that it was computed from.</summary>
    /// <param name="At">Unix seconds.</param>
    public sealed record Accepted(Bytes32 Digest, JobRequest Request, ulong At) : JobEvent;

    /// <summary>The group has signed, and everything that allowed it still did then.</summary>
    public sealed record Signed(Bytes64 Signature, ulong At) : JobEvent;

    /// <summary>There will be no signature from this job.</summary>
    public sealed record Failed(Refusal Reason, ulong At) : JobEvent;
}
