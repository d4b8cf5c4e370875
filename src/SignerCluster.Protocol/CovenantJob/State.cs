using System.Diagnostics;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>Where a job stands.</summary>
public abstract record JobState(JobAddress Address)
{
    public sealed record Absent(JobAddress Address) : JobState(Address);

    /// <summary>A job that was accepted, whatever became of it.</summary>
    /// <param name="AcceptedAt">Unix seconds.</param>
    public abstract record Accepted(JobAddress Address, Bytes32 Digest, JobRequest Request, ulong AcceptedAt) : JobState(Address);

    public sealed record Open(JobAddress Address, Bytes32 Digest, JobRequest Request, ulong AcceptedAt)
        : Accepted(Address, Digest, Request, AcceptedAt);

    public sealed record Signed(JobAddress Address, Bytes32 Digest, JobRequest Request, ulong AcceptedAt, Bytes64 Signature)
        : Accepted(Address, Digest, Request, AcceptedAt);

    public sealed record Failed(JobAddress Address, Bytes32 Digest, JobRequest Request, ulong AcceptedAt, Refusal Reason)
        : Accepted(Address, Digest, Request, AcceptedAt);

    internal static JobState Evolve(JobState state, JobEvent @event) => (state, @event) switch
    {
        (Absent, JobEvent.Accepted accepted) => new Open(state.Address, accepted.Digest, accepted.Request, accepted.At),
        (Open open, JobEvent.Signed signed) => new Signed(open.Address, open.Digest, open.Request, open.AcceptedAt, signed.Signature),
        (Open open, JobEvent.Failed failed) => new Failed(open.Address, open.Digest, open.Request, open.AcceptedAt, failed.Reason),
        _ => throw new UnreachableException($"{@event.GetType().Name} cannot follow {state.GetType().Name}."),
    };
}
