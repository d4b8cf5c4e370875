namespace SignerCluster.Simulation.Tests.Plants;

/// <summary>The faults of the shell of actors and of the plugin under it. What each breaks, and who can see it, stands above it.</summary>
internal static class PlantedActorFaults
{
    private const string Shell = "src/SignerCluster.Actors/EventSourcedActor.cs";
    private const string Entity = "src/SignerCluster.Actors/SigningSessions/SigningSessionActor.cs";
    private const string Telling = "src/SignerCluster.Actors/Answers.cs";
    private const string Plugin = "src/SignerCluster.Journal/Persistence/SealedWriteJournal.cs";
    private const string Settings = "hocon/akka.conf";
    private const string Persisting = "            PersistAll(_parts.Encode(decided.Turn), OnPersisted);\n";

    internal static IReadOnlyList<PlantedFault> All =>
    [
        // The asker is told before anything is written, and also when it never is.
        // Seen by: a share, a signature or any other answer that the journal does not have.
        new("release before append", ["N3", "D1", "D4", "D7", "C3"], Pure: 0, Actors: 20,
        [
            new(Shell, Persisting, "            Answer(asker, message, decided.Turn.Verdicts);\n" + Persisting),
        ]),

        // The state is as if it were written from the moment of the decision on, and a write that definitely failed is answered from it.
        // Seen by: an answer that the journal does not have.
        new("memory updated before append", ["N1", "N3", "N7", "D1", "D4", "D7", "A4", "X0", "C3"], Pure: 0, Actors: 100,
        [
            new(Shell, Persisting, "            _history.Advance(_history.Version, decided.Turn.State);\n" + Persisting),
            new(Shell, "turn.VerdictsWithout(fault)", "outcome is AppendOutcome.NotWritten ? turn.Verdicts : turn.VerdictsWithout(fault)"),
        ]),

        // After an unknown outcome the answer is still there, and is served because nobody else has written.
        // Seen by: a share, a signature or any other answer that the journal does not have.
        new("cached answer served while not durable", ["N1", "N3", "N7", "D1", "D4", "D7", "C3", "X0"], Pure: 0, Actors: 100,
        [
            new(Shell, "turn.VerdictsWithout(fault)", "outcome is AppendOutcome.Unknown ? turn.Verdicts : turn.VerdictsWithout(fault)"),
            new(Telling, "outcome is not AppendOutcome.NotWritten ||", "outcome is AppendOutcome.Conflict ||"),
        ]),

        // Seats are asked, and who waits is told the end, before anything is written.
        // Seen by: a request to a seat, or an end, that the coordinator's journal does not have.
        new("effect before persist", ["S1", "D4", "C3"], Pure: 0, Actors: 20,
        [
            new(Shell, Persisting, "            RunAll(decided.Turn.Effects);\n" + Persisting),
        ]),

        // Nobody knows what was written, and the nonce that was held before still serves.
        // Seen by: a share with a commitment from before such a write.
        new("nonce alive after an unknown outcome", ["S6"], Pure: 0, Actors: 1_900,
        [
            new(Entity, "        if (isUnknown)\n", "        if (isUnknown && !IsOpen)\n"),
        ]),

        // What needs no event is answered from memory, whoever has written since.
        // Seen by: an answer that was already wrong in the journal when its request arrived. A ring that answers so does not know the key of a good row: D6.
        new("second activation answers from stale state", ["D8", "N6", "A4", "D6", "C1", "C2", "C3"], Pure: 0, Actors: 100,
        [
            new(Shell, "            _unproved.Add(decided);\n", "            Conclude(decided);\n"),
        ]),

        // Writers are journals and not activations, as in Akka.Persistence.Sql, and the filter that Akka ships is on: an entity that moved away and back has
        // written as an old writer. Seen by: rows that were dropped are missed at once, or serve as if they had never been; a guardian without its last rows can
        // neither write nor say anything true, so that what was accepted never ends.
        new("the shipped replay filter", ["D6", "D8", "N6", "D7", "A4", "X0"], Pure: 0, Actors: 50,
        [
            new(Settings, "replay-filter.mode = off", "replay-filter.mode = repair-by-discard-old"),
            new(Plugin, "private readonly PartyJournal _party;", "private readonly PartyJournal _party;\n    private readonly Guid _writer = Guid.NewGuid();"),
            new(Plugin, "Guid.Parse(events[0].WriterGuid)", "_writer"),
            new(Plugin, "persistenceId, row.Manifest)", "persistenceId, row.Manifest, writerGuid: row.Writer.ToString())"),
        ]),

        // What was definitely not written is rejected: the activation lives on, and its next event has a number too high.
        // Seen by: the error that Akka logs, or an activation that can write no more.
        new("a rejection used", ["X0", "A4"], Pure: 0, Actors: 20,
        [
            new(Plugin, "                throw new AppendFailedException(outcome);\n", """
                            return outcome is AppendOutcome.NotWritten
                                    ? ImmutableList.Create<Exception>(new AppendFailedException(outcome))
                                    : throw new AppendFailedException(outcome);

                """),
        ]),
    ];
}
