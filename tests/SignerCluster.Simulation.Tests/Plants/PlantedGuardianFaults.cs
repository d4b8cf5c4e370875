namespace SignerCluster.Simulation.Tests.Plants;

/// <summary>The faults of guardians, most of them those that lost money or requests elsewhere. Only entities that are actors have guardians.</summary>
internal static class PlantedGuardianFaults
{
    private const string Decide = "src/SignerCluster.Protocol/Guardian/Decide.cs";
    private const string Evolve = "src/SignerCluster.Protocol/Guardian/Evolve.cs";
    private const string Index = "src/SignerCluster.Protocol/Guardian/WithdrawalIndex.cs";
    private const string Checkpoint = "src/SignerCluster.Protocol/Guardian/GuardianCheckpoint.cs";
    private const string Door = "src/SignerCluster.Actors/Guardians/GuardianDoor.cs";
    private const string Session = "src/SignerCluster.Actors/RoastCoordinators/RoastCoordinatorActor.cs";
    private const string Seat = "src/SignerCluster.Actors/SigningSessions/SigningSessionActor.cs";

    internal static IReadOnlyList<PlantedFault> All =>
    [
        // The session begins while its guardian is being asked.
        // Seen by: a session that is durable before its debit is.
        new("debit after signing", ["G7"], Pure: 0, Actors: 50,
        [
            new(Session, "                AskGuardian(asked);\n", "                AskGuardian(asked);\n                base.Handle(message);\n"),
        ]),

        // A repeated request is taken for a new one.
        // Seen by: the same id, or the same transaction, paid for twice.
        new("debit twice on retry", ["G1"], Pure: 0, Actors: 400,
        [
            new(Decide, "if (state.Withdrawals.Find(asked.Id) is { Record: var known })", "if (state.Withdrawals.Find(asked.Id) is { Record: var known } && known.Txid != asked.Txid)"),
            new(Decide, "is { } taken)", "is { } taken && taken != asked.Id)"),
            new(Index, "_byId.Add(", "_byId.SetItem("),
            new(Index, "_byTxid.Add(", "_byTxid.SetItem("),
            new(Index, "_archive.Find(withdrawal.Record.Id) is null && _archive.IdOf(withdrawal.Record.Txid) is null", "withdrawal is not null"),
        ]),

        // A refusal records what was earned until then.
        // Seen by: a record that changes nothing but the time of the buckets.
        new("refill on rejection", ["G5"], Pure: 0, Actors: 200,
        [
            new(Decide, "return Decision.Refuse(refusal!);", """
                return Decision.Refuse(
                                refusal!, new GuardianEvent.Recorded(new GuardianRecord.RulesSet(state.Position, at, state.Head, state.Rules!), now));
                """),
        ]),

        // What is left after a withdrawal is not taken from its record.
        // Seen by: more tokens than there can be.
        new("bucket full after restart", ["G4"], Pure: 0, Actors: 100,
        [
            new(Evolve, "Limiter = new Limiter(withdrawal.After, withdrawal.At, limiter.NextSequence + 1),",
                "Limiter = Limiter.Full(rules.Windows) with { LastUpdated = withdrawal.At, NextSequence = limiter.NextSequence + 1 },"),
        ]),

        // A checkpoint keeps the buckets as they are when nothing was ever withdrawn.
        // Seen by: more tokens than there can be, or seats that fold no such record, after a guardian has begun at its checkpoint.
        new("bucket full after a checkpoint", ["G4", "A4"], Pure: 0, Actors: 200,
        [
            new(Checkpoint, "                state.Limiter,\n", """
                                state.Limiter is { } limiter ? Limiter.Full(state.Rules!.Windows) with { LastUpdated = limiter.LastUpdated, NextSequence = limiter.NextSequence } : null,

                """),
        ]),

        // A guardian that cannot be read is none.
        // Seen by: a session without an accepted withdrawal.
        new("unreadable record counted as absent", ["G7"], Pure: 0, Actors: 480,
        [
            new(Door, "new GuardianAnswer.Failed(\"guardian_quarantined\", IsTransient: false)", "new GuardianAnswer.Granted(new GuardianReply.Unguarded())"),
        ]),

        // Rules that allow more hold at once.
        // Seen by: a record that loosens the rules without an announcement.
        new("loosened limit without the delay", ["G4"], Pure: 0, Actors: 200,
        [
            new(Decide, "bool isLoosening = present is not null && rules.IsLooserThan(present);", "bool isLoosening = present is null && rules.IsLooserThan(rules);"),
        ]),

        // A seat takes the coordinator's word that the withdrawal was accepted.
        // Seen by: a seat that signs what its own guardian has not folded.
        new("seat signs without its guardian", ["G7"], Pure: 0, Actors: 200,
        [
            new(Seat, "request is SeatRequest.Open or SeatRequest.SignShare)", "request is SeatRequest.Abort)"),
        ]),
    ];
}
