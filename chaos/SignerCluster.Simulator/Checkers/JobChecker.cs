using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Checkers;

/// <summary>
/// C1, C2, C3 and C6: a job is durable before its session begins, is that of one digest, has the one signature of its session, is never forgotten nor open for
/// ever, and nothing is decided on what the registry did not say.
/// </summary>
internal sealed class JobChecker(World world) : Checker(world)
{
    /// <summary>Longer than anything takes that was decided just before the registry went out.</summary>
    private static readonly TimeSpan _outForSure = TimeSpan.FromSeconds(5);
    private readonly Dictionary<SessionId, JobAddress> _jobs = [];

    internal override void AppendAsked(Node node, JournalAppend append)
    {
        if (append.Id.Kind != EntityKind.CovenantJob)
        {
            return;
        }

        foreach (JournalEntry entry in append.Entries)
        {
            bool needsRegistry = CovenantJobCodec.Events.Decode(entry.Manifest, entry.Message.Span) is not JobEvent.Failed;
            Findings.Demand(
                !needsRegistry || World.Registry.OutSince is not { } since || World.Now - since < _outForSure,
                "C6",
                () => $"{append.Id} wrote {entry.Manifest} although the registry is out since {World.Registry.OutSince}.");
        }
    }

    internal override void JobCommitted(JobRecord record, IReadOnlyList<JobEvent> events)
    {
        _jobs[record.Address.Session] = record.Address;
        foreach (JobEvent @event in events)
        {
            switch (@event)
            {
                case JobEvent.Accepted accepted:
                    Findings.Demand(
                        accepted.Digest == accepted.Request.DigestFor(record.Address), "C4", () => $"Job {record.Address.Id} has a digest of another request.");
                    break;
                case JobEvent.Signed signed:
                    CheckSigned(record, signed.Signature);
                    break;
            }
        }
    }

    internal override void SessionCommitted(SessionRecord record, IReadOnlyList<RoastEvent> events)
    {
        if (events.OfType<RoastEvent.SigningRequested>().FirstOrDefault() is { Request: { Artefact: PolicyArtefact.CovenantPath } request })
        {
            JobRecord? job = _jobs.TryGetValue(record.Address.Session, out JobAddress? address) ? World.Coordination.Ledger.Find(address) : null;
            Findings.Demand(
                job?.Accepted is { } accepted && request.Message.Single == Covenant.SighashOf(accepted.Request),
                "C3",
                () => $"Session {record.Address.Session} signs for a job that is not durable, or for another request than that.");
        }
    }

    internal override void JobAnswered(JobExchange exchange)
    {
        JobRecord? record = exchange.Record;
        JobAddress job = exchange.Job;
        switch (exchange.Answer)
        {
            case JobAnswer.Granted granted:
                Findings.Demand(
                    record?.Accepted is { } accepted && accepted.Digest == exchange.Digest,
                    record is null ? "C3" : "C2",
                    () => $"Job {job.Id} answered {granted.Reply.GetType().Name} for a request that is not the one in its journal.");
                CheckReply(exchange, granted.Reply);
                break;
            case JobAnswer.Refused { Refusal.Code: "job_not_found" }:
                Findings.Demand(exchange.Arrived == 0, "C1", () => $"Job {job.Id} was not found although it was durable before the question arrived.");
                break;
            case JobAnswer.Refused { Refusal.Code: "job_conflict" }:
                Findings.Demand(
                    record?.Accepted is { } known && known.Digest != exchange.Digest, "C2", () => $"Job {job.Id} answered a conflict with no other request.");
                break;
            case JobAnswer.Refused { Refusal.Code: "registry_unavailable" or "reserve_epoch_mismatch" } refused:
                Findings.Demand(
                    exchange.Arrived == 0,
                    "C2",
                    () => $"Job {job.Id} was refused {refused.Refusal.Code} although it was accepted before the question arrived.");
                break;
            case JobAnswer.Refused { Refusal: { Code: not "job_quarantined" } refusal }:
                Findings.Report("X0", $"Job {job.Id} was refused {refusal}, which no orchestrator of this world deserves.");
                break;
        }
    }

    internal override void OrchestratorLearned(JobOrder order, JobAnswer answer)
    {
        if (answer is JobAnswer.Refused { Refusal: { Class: RefusalClass.Terminal } refusal })
        {
            Findings.Demand(!order.WasGranted, "C1", () => $"Job {order.Job.Id} was accepted, and its request is refused now: {refusal}");
        }
    }

    internal override void Settled()
    {
        foreach (JobRecord job in World.Coordination.Ledger.Jobs)
        {
            Findings.Demand(job.EndedAt > 0, "C3", () => $"Job {job.Address.Id} was accepted and is open for ever.");
            bool mayFail = World.SessionsMayExpire || World.Registry.HasMoved;
            Findings.Demand(mayFail || job.Failed is null, "C3", () => $"Job {job.Address.Id} failed although nothing speaks against it: {job.Failed}");
        }
    }

    private void CheckSigned(JobRecord record, Bytes64 signature)
    {
        SessionRecord? session = World.Coordination.Ledger.Find(new CoordinatorAddress(World.Group.Id, record.Address.Session));
        Findings.Demand(
            session?.Completed is { } completed && completed.Signature.Single == signature,
            "C1",
            () => $"Job {record.Address.Id} has a signature that is not its session's.");
        Findings.Demand(
            record.Accepted is { } accepted
                && Bip340.Verify(World.Group.Public.GroupKey.XOnly, Covenant.SighashOf(accepted.Request).AsSpan(), signature),
            "C1",
            () => $"Job {record.Address.Id} has a signature that does not verify for its request.");
    }

    private void CheckReply(JobExchange exchange, JobReply reply)
    {
        JobRecord? record = exchange.Record;
        bool isTrue = reply switch
        {
            JobReply.Ready ready => record?.Signature == ready.Signature,
            JobReply.Failed => record?.Failed is not null,
            _ => record is { EndedAt: 0 } || record?.EndedAt > exchange.Arrived,
        };
        Findings.Demand(isTrue, "C3", () => $"Job {exchange.Job.Id} answered {reply.GetType().Name}, which its journal does not have.");
    }
}
