using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Simulated;

/// <summary>What an orchestrator wants spent, under an id of its own.</summary>
internal sealed class JobOrder(JobAddress job, JobRequest request)
{
    internal JobAddress Job => job;

    internal JobRequest Request => request;

    internal Bytes32 Digest { get; } = request.DigestFor(job);

    /// <summary>Was the request ever granted?</summary>
    internal bool WasGranted { get; set; }

    internal bool IsDone { get; set; }
}
