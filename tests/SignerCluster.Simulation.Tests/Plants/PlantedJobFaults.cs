namespace SignerCluster.Simulation.Tests.Plants;

/// <summary>
/// The faults of covenant jobs, most of them those of the forerunner's audit. Only entities that are actors have jobs. A quarantine that the wrong key clears
/// cannot be planted, because nothing clears one: the job's own history is read again at every question. Slots are claimed at the HTTP surface, whose tests
/// watch them.
/// </summary>
internal static class PlantedJobFaults
{
    private const string Decide = "src/SignerCluster.Protocol/CovenantJob/Decide.cs";
    private const string Check = "src/SignerCluster.Protocol/CovenantJob/JobCheck.cs";
    private const string Job = "src/SignerCluster.Actors/CovenantJobs/CovenantJobActor.cs";
    private const string Handling = "        _isCleared |= State is JobState.Absent;\n";
    private const string History = "src/SignerCluster.Actors/History.cs";

    internal static IReadOnlyList<PlantedFault> All =>
    [
        // A known id is the same job, whatever is asked for under it.
        // Seen by: an answer for a request that is not the one in the journal.
        new("dedupe by id without digest", ["C2"], Pure: 0, Actors: 400,
        [
            new(Decide, "known.Digest == digest\n", "digest != default\n"),
        ]),

        // A job whose row cannot be read is answered for as if there were none.
        // Seen by: a durable job that is not found.
        new("unreadable job not found", ["C1", "K4"], Pure: 0, Actors: 1_500,
        [
            new(Job, "new JobAnswer.Refused(JobRefusals.Quarantined(unreadable))", """
                new JobAnswer.Refused(Refusal.Recoverable("job_not_found", unreadable.Message))
                """),
        ]),

        // A row of a job that cannot be read is skipped, as the forerunner skipped files.
        // Seen by: a job that is accepted again or ends again, or an answer from a damaged history.
        new("unreadable row of a job skipped", ["C1", "C2", "C3", "K4"], Pure: 0, Actors: 1_500,
        [
            new(History, "=> Fault ??= cause;", "=> Fault ??= id.Kind == EntityKind.CovenantJob ? null : cause;"),
            new(History, "        Fault ??= head == Version ?", "        Version = id.Kind == EntityKind.CovenantJob ? head : Version;\n        Fault ??= head == Version ?"),
        ]),

        // A registry that does not answer allows everything.
        // Seen by: a job that is accepted long after the registry went out.
        new("registry outage as a value", ["C6"], Pure: 0, Actors: 200,
        [
            new(Check, "=> JobRefusals.RegistryUnavailable(reason, since),\n        _ => JobRefusals.ReserveUnknown", "=> null,\n        _ => JobRefusals.ReserveUnknown"),
        ]),

        // What the group has signed is told although nobody can say whether it is still allowed.
        // Seen by: a signature that is recorded long after the registry went out.
        new("signature told without the registry", ["C6"], Pure: 0, Actors: 1_900,
        [
            new(Decide, "(JobCheck.OfRequest(open.Address, open.Request, asked.Standing) ?? JobCheck.OfRegistry(open.Request, asked.Registry)) switch",
                "JobCheck.OfRequest(open.Address, open.Request, asked.Standing) switch"),
        ]),

        // The session is asked when the request comes in, and the job is written beside it.
        // Seen by: a session that is durable before its job is.
        new("signing before the job is durable", ["C3"], Pure: 0, Actors: 400,
        [
            new(Job, Handling, Handling + """
                        if (message is ToJob { Command: JobCommand.Submit { Request: var early } } && State is JobState.Absent)
                        {
                            Run(JobDecider.Resume(new JobState.Open(State.Address, early.DigestFor(State.Address), early, 0))[0]);
                        }

                """),
        ]),

        // Who waits is told the signature that the session gave, while it is being written.
        // Seen by: an answer that the job's journal does not have.
        new("signature told before the job has it", ["C3"], Pure: 0, Actors: 400,
        [
            new(Job, Handling, Handling + """
                        if (message is FromSession { Answer: CoordinatorAnswer.Granted { Reply: CoordinatorReply.Completed done } } && IsOpen)
                        {
                            TellWaiters(new FromJob(new JobAnswer.Granted(new JobReply.Ready(done.Signature.Single))));
                        }

                """),
        ]),

        // A job that was open when its node went is loaded and not taken up.
        // Seen by: a job that stays open although nothing is wrong any more.
        new("open job not resumed", ["C3"], Pure: 0, Actors: 400,
        [
            new(Decide, "state is JobState.Open open ? [Sign(open.Address, open.Request)] : [];", "state is JobState.Open { AcceptedAt: 0 } open ? [Sign(open.Address, open.Request)] : [];"),
        ]),
    ];
}
