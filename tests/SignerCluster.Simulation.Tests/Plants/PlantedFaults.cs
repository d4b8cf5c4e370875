namespace SignerCluster.Simulation.Tests.Plants;

/// <summary>The faults that the simulator is checked with, but for those of the actors' shell. What each breaks, and who can see it, stands above it.</summary>
internal static class PlantedFaults
{
    private const string Sealing = "src/SignerCluster.Journal/Keys/SealedJournal.cs";
    private const string Envelope = "src/SignerCluster.Journal/Keys/Envelope.cs";
    private const string Store = "src/SignerCluster.Journal/MemoryJournal.cs";
    private const string Entity = "src/SignerCluster.Actors/SigningSessions/SigningSessionActor.cs";
    private const string Seat = "src/SignerCluster.Protocol/SigningSession/Decide.cs";
    private const string SeatChecks = "src/SignerCluster.Protocol/SigningSession/Checks.cs";
    private const string Coordinator = "src/SignerCluster.Protocol/RoastCoordinator/RoastTurn.cs";

    internal static IReadOnlyList<PlantedFault> All { get; } = [.. Common, .. PlantedActorFaults.All, .. PlantedGuardianFaults.All, .. PlantedJobFaults.All];

    private static IReadOnlyList<PlantedFault> Common =>
    [
        // The recorded share is given for whatever package comes under the attempt's id.
        // Seen by: one commitment granted a share for two packages, or a grant where the journal's marker names another package.
        new("marker not checked", ["N1", "N3", "N6"], Pure: 100, Actors: 100,
        [
            new(Seat, "return marker.Package == hash\n", "return marker.Package == hash || marker.Attempt == package.Attempt\n"),
        ]),

        // After a definite non-write the vault knows the one package that the nonce may still serve. Here another package takes the nonce out first, and
        // finds out after. Seen by: the same package tried again is refused nonce_lost, or the activation that threw.
        new("marker checked after consume", ["N4", "N7", "X0"], Pure: 200, Actors: 1_900,
        [
            new(SeatChecks, "        { BoundTo: { } bound } when bound != package => Refusals.ConsumedNonceReplay,\n", string.Empty),
        ]),

        // A Commit to another attempt than the last wipes the nonce that is held, before anybody has looked at the new attempt.
        // Seen by: the package of the live attempt is refused nonce_lost after an attempt that was refused.
        new("active attempt cleared before validation", ["D3", "N4", "N7", "N9"], Pure: 0, Actors: 100,
        [
            new(Entity, "private readonly SeatParts _parts;", "private readonly SeatParts _parts;\n    private AttemptId? _active;"),
            new(Entity, "() => new SessionCommand.Asked(request, GuardianDoor.Join(_parts.Standing(_seat.Group), word), _parts.Vault.Holding(_seat));", """
                () =>
                        {
                            if (request is SeatRequest.Commit { Attempt.Id: var next } && next != _active)
                            {
                                _parts.Vault.Wipe(_seat);
                                _active = next;
                            }

                            return new SessionCommand.Asked(request, GuardianDoor.Join(_parts.Standing(_seat.Group), word), _parts.Vault.Holding(_seat));
                        };
                """),
        ]),

        // The messages are sealed before the append has its place among the rotations, and go out again under whatever epoch is active by then.
        // Seen by: a row whose envelope names another epoch than its column; it does not reload.
        new("key resolved before the append is ordered", ["K1", "K6", "D6"], Pure: 50, Actors: 50,
        [
            new(Sealing, """
                            for (int tries = 1; tries <= MaximumTries; tries++)
                            {
                                DataKey key = await keeper.KeyForSealingAsync(append.Entries.Count);

                """, """
                            DataKey key = await keeper.KeyForSealingAsync(append.Entries.Count);
                            JournalEntry[] entries = Seal(key, append);
                            for (int tries = 1; tries <= MaximumTries; tries++)
                            {

                """),
            new(Sealing, "Entries = Seal(key, append), KeyEpoch = key.Epoch", "Entries = entries, KeyEpoch = keeper.Keys.Active!.Epoch"),
        ]),

        // A rotation that committed between sealing and appending is missed.
        // Seen by: a row whose epoch is not the one that was active when it was committed.
        new("stale epoch accepted", ["K1", "K6", "D6"], Pure: 50, Actors: 50,
        [
            new(Store, "append.KeyEpoch != 0 && append.KeyEpoch != before.KeyEpoch", "append.KeyEpoch > before.KeyEpoch"),
        ]),

        // A row opens at every number of its entity. Order matters little to a coordinator that collects, so it serves what was moved.
        // Seen by: two rows of one entity and one manifest change places, and the entity is not quarantined, or breaks off at what it then believes.
        new("associated data without the sequence number", ["K4", "X0"], Pure: 200, Actors: 400,
        [
            new(Envelope, ".Add(persistenceId).Add(sequenceNumber).Add(manifest)", ".Add(persistenceId).Add(manifest)"),
        ]),

        // A history ends before the first row that does not open, as if that one and all after it had never been written.
        // Seen by: an entity with a damaged row answers anything but entity_quarantined.
        new("unreadable row skipped as absent", ["K4", "N1", "N6", "D1", "D7", "D8", "S1"], Pure: 100, Actors: 100,
        [
            new(Sealing, "            opened[i] = await OpenAsync(id, rows[i], cancellation);\n", """
                            try
                            {
                                opened[i] = await OpenAsync(id, rows[i], cancellation);
                            }
                            catch (UnreadableHistoryException)
                            {
                                return opened[..i];
                            }

                """),
        ]),

        // Two spellings of one id are two sessions: each can be given another message, and both are signed.
        // Seen by: a re-cased id with another payload that is not refused.
        new("case-sensitive id", ["N8", "D4"], Pure: 50, Actors: 50,
        [
            new("src/SignerCluster.Protocol/Ids.cs", "string folded = text.ToLowerInvariant();", "string folded = text;"),
            new("src/SignerCluster.Protocol/Ids.cs", "text.All(static c => char.IsAsciiLetterLower(c) ||", "text.All(static c => char.IsAsciiLetter(c) ||"),
            new("src/SignerCluster.Protocol/Entities/EntityId.cs", "char.IsAsciiLetterLower(c) ||", "char.IsAsciiLetter(c) ||"),
        ]),

        // Shares are verified only when the last of an attempt arrives: a liar that was early is idle again, and is asked again.
        // Seen by: a ShareAccepted whose share does not verify; later an aggregate that is no signature, and a session that never ends.
        new("unverified share re-admits its seat", ["A3", "A4", "A5", "A6"], Pure: 50, Actors: 200,
        [
            new(Coordinator, "&& !attempt.IsGood(", "&& isLast && !attempt.IsGood("),
        ]),

        // A signature by the untweaked key over the same message completes the session too.
        // Seen by: an AttemptAggregated whose signature does not verify under the session's own output key.
        new("completion not bound to the tweak", ["D5"], Pure: 100, Actors: 1_900,
        [
            new(Seat, "|| !keys.Verify(begun.Request.Message, complete.Signature)", """
                || !(keys.Verify(begun.Request.Message, complete.Signature)
                                    || standing.Group!.Tweaked((Batch<TweakList>)TweakList.None).Value.Verify(begun.Request.Message, complete.Signature))
                """),
        ]),
    ];
}
