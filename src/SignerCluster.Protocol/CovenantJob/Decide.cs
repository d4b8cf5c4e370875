using System.Diagnostics;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Secp256k1;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.CovenantJob.JobEvent, SignerCluster.Protocol.CovenantJob.JobEffect, SignerCluster.Protocol.CovenantJob.JobReply>;

namespace SignerCluster.Protocol.CovenantJob;

/// <summary>
/// One job: accepted once, durable before its session begins, and open until that session has ended. Everything that allowed it is looked at when it is accepted
/// and again before its signature is told to anybody.
/// </summary>
public static class JobDecider
{
    /// <summary>A job that was not signed within this many seconds has failed: its quote and its fee are of another day.</summary>
    public const ulong Lifetime = 7 * 86_400;

    public static Decider<JobState, JobAsked, JobEvent, JobEffect, JobReply> Decider { get; } =
        new(Decide, JobState.Evolve, Resume, static state => state is JobState.Open);

    public static JobState Initial(JobAddress address) => new JobState.Absent(address);

    public static Decision Decide(JobState state, JobAsked asked) => (asked.Command, state) switch
    {
        (JobCommand.Submit submit, JobState.Accepted known) => Compare(known, submit.Request.DigestFor(state.Address)),
        (JobCommand.Submit submit, _) => Accept(state.Address, submit.Request, asked),
        (_, JobState.Absent) => Decision.Refuse(JobRefusals.NotFound),
        (JobCommand.Poll poll, JobState.Accepted known) => Compare(known, poll.Digest),
        (JobCommand.SessionAnswered answered, JobState.Open open) => Take(open, answered.Answer, asked),
        (JobCommand.Look, JobState.Open open) when asked.Now > open.AcceptedAt + Lifetime => Fail(JobRefusals.Expired, asked.Now),
        (JobCommand.Abandon abandon, JobState.Open) => Fail(JobRefusals.Abandoned(abandon.Decision), asked.Now),
        (JobCommand.SessionAnswered or JobCommand.Look or JobCommand.Abandon, _) => Nothing,
        _ => throw new UnreachableException(asked.Command.GetType().Name),
    };

    /// <summary>What is still owed after a reload. The session is the same one each time.</summary>
    public static IReadOnlyList<JobEffect> Resume(JobState state) => state is JobState.Open open ? [Sign(open.Address, open.Request)] : [];

    /// <summary>Where a job stands that was accepted.</summary>
    public static JobReply Status(JobState state) => state switch
    {
        JobState.Open => new JobReply.Pending(),
        JobState.Signed signed => new JobReply.Ready(signed.Signature),
        JobState.Failed failed => new JobReply.Failed(failed.Reason),
        _ => throw new UnreachableException(state.GetType().Name),
    };

    /// <summary>The digest decides, not the id: another request under a known id is another job, and there is none (C2).</summary>
    private static Decision Compare(JobState.Accepted known, Bytes32 digest) => known.Digest == digest
        ? Decision.Accept(Status(known))
        : Decision.Refuse(JobRefusals.Conflict(known.Address, known.Digest, digest));

    private static Decision Accept(JobAddress address, JobRequest request, JobAsked asked)
    {
        Refusal? refusal = JobCheck.OfRequest(address, request, asked.Standing)
            ?? JobCheck.OfQuote(address, request, asked)
            ?? JobCheck.OfRegistry(request, asked.Registry);
        return refusal is null
            ? new Decision.Accepted(
                [new JobEvent.Accepted(request.DigestFor(address), request, asked.Now)], [Sign(address, request)], new JobReply.Pending())
            : Decision.Refuse(refusal);
    }

    private static Decision Take(JobState.Open open, CoordinatorAnswer answer, JobAsked asked) => answer switch
    {
        CoordinatorAnswer.Granted { Reply: CoordinatorReply.Completed done } => Conclude(open, done.Signature.Single, asked),
        CoordinatorAnswer.Granted { Reply: CoordinatorReply.Failed failed } => Fail(failed.Reason, asked.Now),
        CoordinatorAnswer.Refused { Refusal: { Class: RefusalClass.Terminal } refusal } => Fail(refusal, asked.Now),
        // It runs, or what stands in its way passes: the activation asks again.
        _ => Nothing,
    };

    /// <summary>Signed; but what is not allowed any more is not told, and what cannot be judged now is judged later.</summary>
    private static Decision Conclude(JobState.Open open, Bytes64 signature, JobAsked asked) =>
        (JobCheck.OfRequest(open.Address, open.Request, asked.Standing) ?? JobCheck.OfRegistry(open.Request, asked.Registry)) switch
        {
            null => Decision.Accept(new JobReply.Ready(signature), new JobEvent.Signed(signature, asked.Now)),
            { Class: RefusalClass.Recoverable } => Nothing,
            { } refusal => Fail(refusal, asked.Now),
        };

    /// <summary>Said to the job's own activation, which waits for no answer.</summary>
    private static Decision.Accepted Nothing => new([], [], new JobReply.Pending()) { IsReceipt = true };

    private static Decision Fail(Refusal reason, ulong now) => Decision.Accept(new JobReply.Failed(reason), new JobEvent.Failed(reason, now));

    private static JobEffect.Sign Sign(JobAddress address, JobRequest request) =>
        request.TryMakeSigning(Bitcoin.Psbts.PaymentLimits.None, out SigningRequest? signing, out Refusal? refusal)
            ? new JobEffect.Sign(new CoordinatorAddress(request.Group, address.Session), signing)
            : throw new InvalidOperationException($"An accepted request cannot be signed: {refusal}");
}
