using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Secp256k1;

namespace SignerCluster.Simulator.Checkers;

/// <summary>What is durable of one covenant job, noted row by row at the moment of the commit, without the product's own fold.</summary>
internal sealed class JobRecord(JobAddress address) : EntityRecord
{
    internal JobAddress Address => address;

    internal JobEvent.Accepted? Accepted { get; private set; }

    internal Bytes64? Signature { get; private set; }

    internal Refusal? Failed { get; private set; }

    /// <summary>The row that ended the job; 0 while none has.</summary>
    internal long EndedAt { get; private set; }

    internal void Add(JobEvent @event, Findings findings)
    {
        Version++;
        findings.Demand(EndedAt == 0, "C2", () => $"{@event.GetType().Name} was written after job {address.Id} had ended.");
        switch (@event)
        {
            case JobEvent.Accepted accepted:
                findings.Demand(Accepted is null, "C1", () => $"Job {address.Id} was accepted and is accepted again.");
                Accepted = accepted;
                break;
            case JobEvent.Signed signed:
                (Signature, EndedAt) = (signed.Signature, Version);
                break;
            case JobEvent.Failed failed:
                (Failed, EndedAt) = (failed.Reason, Version);
                break;
        }
    }
}
