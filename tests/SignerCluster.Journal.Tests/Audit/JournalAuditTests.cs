using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Journal.Audit;
using SignerCluster.Protocol;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Journal.Tests.Audit;

/// <summary>An audit finds every kind of damage at its row, and nothing where there is none.</summary>
public sealed class JournalAuditTests : IAsyncLifetime
{
    private AuditedNode _node = null!;

    public async Task InitializeAsync() => _node = await AuditedNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_sound_journal_has_no_findings_and_everything_was_counted()
    {
        AuditReport report = await _node.AuditAsync();
        Assert.Empty(report.Findings);
        // Three rows of the ring's first key, four of the seat, six of the coordinator.
        Assert.Equal((13, 3, 2, 1, 1, 0), (report.Rows, report.Entities, report.Signatures, report.Certificates, report.Shares, report.SeatFiles));
        Assert.Equal((13, 13), (report.Checkpoint.LastOrdering, report.Checkpoint.Rows));
    }

    public static TheoryData<string, long, string> Damages => new()
    {
        { "a bit of the message", 2, QuarantineReason.RowUnauthentic },
        { "the tag truncated", 3, QuarantineReason.RowUnauthentic },
        { "the manifest of another event", 3, QuarantineReason.RowUnauthentic },
        { "the column of the epoch", 1, QuarantineReason.RowUnauthentic },
        { "the header of no version", 4, QuarantineReason.EnvelopeMalformed },
        { "a plain message", 1, QuarantineReason.EnvelopeMalformed },
        { "a key that nobody has", 2, QuarantineReason.KeyUnknown },
        { "the first row gone", 1, QuarantineReason.RowMissing },
        { "a row in the middle gone", 2, QuarantineReason.RowMissing },
        { "the last row gone", 4, QuarantineReason.RowMissing },
        { "all rows gone", 1, QuarantineReason.RowMissing },
        { "two rows exchanged", 2, QuarantineReason.RowUnauthentic },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task K4_A_damaged_row_is_found_at_its_number_for_its_reason_and_is_what_quarantine_would_list(string damage, long row, string reason)
    {
        IReadOnlyList<JournalRow> good = await _node.Store.ReadAsync(_node.Seat, 0, CancellationToken.None);
        _node.Store.Damage(_node.Seat, one => Damaged(one, damage, good));

        AuditReport report = await _node.AuditAsync();

        Assert.All(report.Findings, finding => Assert.Equal(_node.Seat.ToString(), finding.Entity));
        AuditFinding first = report.Findings.MinBy(static finding => finding.Row)!;
        Assert.Equal((row, reason), (first.Row, first.Reason));
        UnreadableHistoryException quarantined = Assert.Single(await _node.FindQuarantinedAsync());
        Assert.Equal((_node.Seat, row, reason), (quarantined.Id, quarantined.SequenceNumber, quarantined.Reason));

        _node.Store.Restore(_node.Seat, good);
        Assert.Empty((await _node.AuditAsync()).Findings);
        Assert.Empty(await _node.FindQuarantinedAsync());
    }

    [Fact]
    public async Task Damage_behind_damage_of_one_history_is_found_too()
    {
        _node.Store.Damage(_node.Seat, static row => row.SequenceNumber is 1 or 3 ? row with { Message = row.Message[..^1] } : row);
        Assert.Equal([1L, 3L], (await _node.AuditAsync()).Findings.Select(static finding => finding.Row!.Value));
    }

    [Fact]
    public async Task An_event_that_no_version_knows_is_found_though_it_is_sealed_well()
    {
        await _node.WriteAsync(_node.Coordinator, ("roast.unheard-of.v9", "{}"u8.ToArray()));
        await FoundAsync(_node.Coordinator, 7, QuarantineReason.EventUnreadable);
    }

    [Fact]
    public async Task An_event_that_cannot_follow_is_found()
    {
        await _node.WriteAsync(_node.Coordinator, new RoastEvent.SessionCompleted(_node.Attempt.Id, _node.OutputKey, _node.Signature));
        await FoundAsync(_node.Coordinator, 7, QuarantineReason.HistoryImpossible);
    }

    [Fact]
    public async Task D4_A_completed_signature_that_does_not_verify_is_found_on_both_sides()
    {
        Bytes64 wrong = FixedBytes.From<Bytes64>([.. _node.Signature.AsSpan()[..63], (byte)(_node.Signature.AsSpan()[63] ^ 1)]);
        EntityId coordinator = _node.CoordinatorOf("s2");
        await _node.WriteAsync(
            coordinator,
            new RoastEvent.SigningRequested(_node.Request, 2, 3),
            new RoastEvent.AttemptProposed(_node.Attempt, AdvanceReason.First),
            new RoastEvent.PackageIssued(_node.Attempt, _node.Package.Commitments),
            new RoastEvent.SessionCompleted(_node.Attempt.Id, _node.OutputKey, wrong));
        await FoundAsync(coordinator, 4, AuditReason.SignatureInvalid);
        EntityId seat = _node.SeatOf("s3");
        await _node.WriteAsync(
            seat, new SigningSessionEvent.SessionOpened(_node.Request), new SigningSessionEvent.AttemptAggregated(_node.AttemptOf("s3", 1), wrong));
        await FoundAsync(seat, 2, AuditReason.SignatureInvalid);
    }

    [Fact]
    public async Task D5_A_signature_under_another_key_than_that_of_the_sessions_tweaks_is_found()
    {
        EntityId coordinator = _node.CoordinatorOf("s2");
        await _node.WriteAsync(
            coordinator,
            new RoastEvent.SigningRequested(_node.Request with { Tweaks = TweakList.None }, 2, 3),
            new RoastEvent.AttemptProposed(_node.Attempt, AdvanceReason.First),
            new RoastEvent.PackageIssued(_node.Attempt, _node.Package.Commitments),
            new RoastEvent.SessionCompleted(_node.Attempt.Id, _node.OutputKey, _node.Signature));
        await FoundAsync(coordinator, 4, AuditReason.SignatureInvalid);
    }

    [Theory]
    [InlineData("an honest share")]
    [InlineData("of another seat")]
    [InlineData("of another session")]
    public async Task A6_A_stored_certificate_that_proves_nothing_is_found(string flaw)
    {
        await using AuditedNode running = await AuditedNode.StartAsync(completes: false);
        RoastEvent.SeatConvicted convicted = flaw switch
        {
            "an honest share" => new(new SeatId(0), running.Certificate with { Seat = new SeatId(0), Share = running.Share }),
            "of another seat" => new(new SeatId(1), running.Certificate),
            _ => new(running.Certificate.Seat, running.Certificate with { Session = SessionId.Parse("s9") }),
        };
        await running.WriteAsync(running.Coordinator, convicted);
        AuditFinding found = Assert.Single((await running.AuditAsync()).Findings);
        Assert.Equal((running.Coordinator.ToString(), 6L, AuditReason.CertificateInvalid), (found.Entity, found.Row, found.Reason));
    }

    [Fact]
    public async Task N1_A_second_share_of_one_attempt_is_found()
    {
        EntityId seat = _node.SeatOf("s2");
        AttemptContext attempt = _node.AttemptOf("s2", 1);
        SigningSessionEvent.ShareProduced share = new(attempt, _node.Package.ComputeHash(), _node.Share);
        await _node.WriteAsync(
            seat,
            new SigningSessionEvent.SessionOpened(_node.Request),
            new SigningSessionEvent.AttemptJoined(attempt, _node.CommitmentOf(new SeatId(2))),
            share,
            share);
        await FoundAsync(seat, 4, AuditReason.ShareRepeated);
    }

    [Fact]
    public async Task N1_A_share_of_an_attempt_that_was_not_joined_is_found()
    {
        EntityId seat = _node.SeatOf("s2");
        await _node.WriteAsync(
            seat,
            new SigningSessionEvent.SessionOpened(_node.Request),
            new SigningSessionEvent.ShareProduced(_node.AttemptOf("s2", 1), _node.Package.ComputeHash(), _node.Share));
        await FoundAsync(seat, 2, AuditReason.AttemptNotJoined);
    }

    [Fact]
    public async Task N1_A_commitment_that_two_attempts_share_is_found()
    {
        EntityId seat = _node.SeatOf("s2");
        await _node.WriteAsync(
            seat,
            new SigningSessionEvent.SessionOpened(_node.Request),
            new SigningSessionEvent.AttemptJoined(_node.AttemptOf("s2", 1), _node.CommitmentOf(new SeatId(0))));
        await FoundAsync(seat, 2, AuditReason.CommitmentRepeated);
    }

    [Fact]
    public async Task A7_Evidence_of_equivocation_that_is_none_is_found()
    {
        await _node.WriteAsync(_node.Seat, new SigningSessionEvent.EquivocationSeen(_node.Package.ComputeHash(), _node.Package));
        await FoundAsync(_node.Seat, 5, AuditReason.EquivocationInvalid);
    }

    [Fact]
    public async Task A_history_of_a_group_that_the_node_does_not_know_is_found()
    {
        EntityId stray = EntityAddress.Of(new CoordinatorAddress(new GroupId(_node.Request.Message.Single), AuditedNode.Session));
        await _node.WriteAsync(stray, new RoastEvent.SigningRequested(_node.Request, 2, 3));
        await FoundAsync(stray, null, AuditReason.GroupUnknown);
    }

    [Fact]
    public async Task C2_A_job_whose_digest_is_not_that_of_its_request_is_found()
    {
        JobRequest request = new TestCovenant(_node.Group.Id.X).Request();
        JobAddress right = new(CovenantKind.SelfV1, RouteRequestId.Parse("right"));
        await _node.WriteAsync(EntityAddress.Of(right), new JobEvent.Accepted(request.DigestFor(right), request, 1));
        Assert.Empty((await _node.AuditAsync()).Findings);
        JobAddress wrong = new(CovenantKind.SelfV1, RouteRequestId.Parse("wrong"));
        await _node.WriteAsync(EntityAddress.Of(wrong), new JobEvent.Accepted(request.DigestFor(right), request, 1));
        await FoundAsync(EntityAddress.Of(wrong), 1, AuditReason.JobInvalid);
    }

    [Fact]
    public async Task A_job_with_a_signature_that_does_not_spend_its_covenant_is_found()
    {
        JobRequest request = new TestCovenant(_node.Group.Id.X).Request();
        JobAddress job = new(CovenantKind.SelfV1, RouteRequestId.Parse("forged"));
        Bytes64 forged = TestCovenant.Sign("depositor", TestCovenant.SpendOf(request).Sighash);
        await _node.WriteAsync(EntityAddress.Of(job), new JobEvent.Accepted(request.DigestFor(job), request, 1), new JobEvent.Signed(forged, 2));
        await FoundAsync(EntityAddress.Of(job), 2, AuditReason.SignatureInvalid);
    }

    [Fact]
    public async Task A_history_under_an_id_that_no_entity_has_is_found()
    {
        EntityId misspelt = EntityId.Parse($"seat/{_node.Group.Id}/s1/00");
        await _node.WriteAsync(misspelt, new SigningSessionEvent.SessionOpened(_node.Request));
        await FoundAsync(misspelt, null, AuditReason.IdMalformed);
        EntityId strange = EntityId.Parse("stranger/1");
        await _node.WriteAsync(strange, ("stranger.v1", "{}"u8.ToArray()));
        await FoundAsync(strange, 1, QuarantineReason.EventUnreadable);
    }

    [Fact]
    public async Task A_row_under_what_is_no_id_at_all_is_found()
    {
        RenamingStore store = new(_node.Store, _node.Seat.ToString(), "Seat//UPPER");
        AuditReport report = await _node.AuditAsync(store: store);
        Assert.Equal(
            [1L, 2L, 3L, 4L], report.Findings.Where(static finding => finding.Reason == AuditReason.IdMalformed).Select(static finding => finding.Row!.Value));
    }

    [Fact]
    public async Task A_ring_that_names_another_epoch_than_the_store_is_found()
    {
        RenamingStore store = new(_node.Store, string.Empty, string.Empty) { KeyEpoch = 3 };
        AuditReport report = await _node.AuditAsync(store: store);
        Assert.Contains(report.Findings, static finding => finding is { Entity: "keys/ring", Reason: AuditReason.KeyEpochMismatch });
    }

    [Fact]
    public async Task S1_A_checkpoint_that_is_not_what_its_guardian_s_rows_give_is_found()
    {
        GuardianAddress guardian = new(_node.Group.Id);
        EntityId checkpoints = EntityAddress.CheckpointsOf(guardian);
        IReadOnlyList<GuardianCheckpoint> pieces = await _node.WriteGuardianAsync(guardian, withdrawals: 4);
        await _node.WriteAsync(checkpoints, [.. pieces.Take(1).Select(GuardianCodec.Checkpoints.Encode)]);
        Assert.Empty((await _node.AuditAsync()).Findings);

        GuardianCheckpoint richer = pieces[1] with { Limiter = pieces[1].Limiter! with { Tokens = Batch.Of([1_000_000UL]) } };
        await _node.WriteAsync(checkpoints, GuardianCodec.Checkpoints.Encode(richer));

        await FoundAsync(checkpoints, 2, AuditReason.CheckpointInvalid);
    }

    [Fact]
    public async Task S1_A_checkpoint_of_rows_that_its_guardian_does_not_have_is_found()
    {
        GuardianAddress guardian = new(_node.Group.Id);
        EntityId checkpoints = EntityAddress.CheckpointsOf(guardian);
        IReadOnlyList<GuardianCheckpoint> pieces = await _node.WriteGuardianAsync(guardian, withdrawals: 4);

        await _node.WriteAsync(checkpoints, GuardianCodec.Checkpoints.Encode(pieces[0]), GuardianCodec.Checkpoints.Encode(pieces[1] with { Row = 99 }));

        await FoundAsync(checkpoints, 2, AuditReason.CheckpointInvalid);
    }

    private async Task FoundAsync(EntityId id, long? row, string reason)
    {
        IReadOnlyList<AuditFinding> findings = (await _node.AuditAsync()).Findings;
        Assert.True(findings.Any(finding => finding.Entity == id.ToString() && finding.Row == row && finding.Reason == reason), string.Join('\n', findings));
    }

    private static JournalRow? Damaged(JournalRow row, string damage, IReadOnlyList<JournalRow> good) => (damage, row.SequenceNumber) switch
    {
        ("a bit of the message", 2) => row with { Message = Flipped(row.Message, row.Message.Length / 2) },
        ("the tag truncated", 3) => row with { Message = row.Message[..^1] },
        ("the manifest of another event", 3) => row with { Manifest = good[1].Manifest },
        ("the column of the epoch", 1) => row with { KeyEpoch = 2 },
        ("the header of no version", 4) => row with { Message = Flipped(row.Message, 0) },
        ("a plain message", 1) => row with { Message = "{}"u8.ToArray(), KeyEpoch = 0 },
        ("a key that nobody has", 2) => row with { Message = Flipped(row.Message, 6) },
        ("the first row gone", 1) => null,
        ("a row in the middle gone", 2) => null,
        ("the last row gone", 4) => null,
        ("all rows gone", _) => null,
        ("two rows exchanged", 2 or 3) => good[5 - (int)row.SequenceNumber - 1] with { SequenceNumber = row.SequenceNumber, Ordering = row.Ordering },
        _ => row,
    };

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes, int index)
    {
        byte[] flipped = bytes.ToArray();
        flipped[index] ^= 2;
        return flipped;
    }
}
