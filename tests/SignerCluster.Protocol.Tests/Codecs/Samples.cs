using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Covenants;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Guardians;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Codecs;

/// <summary>One fixed event of every kind, under its stored name.</summary>
internal static class Samples
{
    private static readonly SessionId _session = SessionId.Parse("payout-1:2");

    // Made of literals and hashes alone, so that nothing but the codec can change a golden sample.
    private static readonly GuardianRules _rules = new(
        Batch.Of<LimiterWindow>([new("hour", 1_000_000, 278), new("day", 5_000_000, 58)]), MaximumAge: 1800, MaximumSkew: 300, LooseningDelay: 86_400);

    private static readonly SigningRequest _request = new(
        GroupId.Parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
        Party.Hash("message"),
        new TweakList(Party.Tweak(7), Party.Tweak(9, TweakMode.Plain)),
        new PolicyArtefact.Raw());

    private static readonly Bytes64 _signature = FixedBytes.From<Bytes64>([.. Party.Hash("r").AsSpan(), .. Party.Hash("s").AsSpan()]);

    private static AttemptContext Attempt => AttemptContext.Derive(_session, _request, 3, Party.Seats(0, 1, 2));

    private static SigningPackage Package => new(
        Attempt, _request.Message, _request.Tweaks, SeatCommitments.From([(Party.Seat(0), Commitment("zero")), (Party.Seat(2), Commitment("two"))]));

    internal static IReadOnlyDictionary<string, SigningSessionEvent> OfSigningSession { get; } =
        new Dictionary<string, SigningSessionEvent>(StringComparer.Ordinal)
        {
            ["signing-session.session-opened.v1"] = new SigningSessionEvent.SessionOpened(
                _request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From([0x70, 0x73, 0x62, 0x74, 0xff]), 1) }),
            ["signing-session.attempt-joined.v1"] = new SigningSessionEvent.AttemptJoined(Attempt, Commitment("zero")),
            ["signing-session.share-produced.v1"] = new SigningSessionEvent.ShareProduced(Attempt, Package.ComputeHash(), new Share(Party.Hash("share"))),
            ["signing-session.equivocation-seen.v1"] = new SigningSessionEvent.EquivocationSeen(new PackageHash(Party.Hash("first")), Package),
            ["signing-session.attempt-aggregated.v1"] = new SigningSessionEvent.AttemptAggregated(Attempt, _signature),
            ["signing-session.session-aborted.v1"] = new SigningSessionEvent.SessionAborted(AbortReason.Expired),
        };

    internal static IReadOnlyDictionary<string, RoastEvent> OfRoast { get; } = new Dictionary<string, RoastEvent>(StringComparer.Ordinal)
    {
        ["roast.signing-requested.v1"] = new RoastEvent.SigningRequested(_request, 2, 3),
        ["roast.attempt-proposed.v1"] = new RoastEvent.AttemptProposed(Attempt, AdvanceReason.SeatWithdrew),
        ["roast.commitment-received.v1"] = new RoastEvent.CommitmentReceived(Attempt.Id, Party.Seat(0), Commitment("zero")),
        ["roast.package-issued.v1"] = new RoastEvent.PackageIssued(Attempt, Package.Commitments),
        ["roast.share-accepted.v1"] = new RoastEvent.ShareAccepted(Attempt.Id, Party.Seat(0), new Share(Party.Hash("share"))),
        ["roast.seat-convicted.v1"] = new RoastEvent.SeatConvicted(
            Party.Seat(2), new BlameCertificate(_session, _request, Package, Party.Seat(2), new Share(Party.Hash("bad")))),
        ["roast.seat-withdrew.v1"] = new RoastEvent.SeatWithdrew(Attempt.Id, Party.Seat(2), "nonce_lost"),
        ["roast.seat-declined.v1"] = new RoastEvent.SeatDeclined(Party.Seat(2), "group_retired"),
        ["roast.session-completed.v1"] = new RoastEvent.SessionCompleted(Attempt.Id, XOnlyPublicKey.Parse(_request.Group.X.AsSpan()), _signature),
        ["roast.session-failed.v1"] = new RoastEvent.SessionFailed(
            Refusal.Terminal("insufficient_seats", "Only 1 seats can still sign.", ("needed", 2), ("available", 1))),
    };

    internal static IReadOnlyDictionary<string, KeyRingEvent> OfKeyRing { get; } = new Dictionary<string, KeyRingEvent>(StringComparer.Ordinal)
    {
        ["key-ring.key-added.v1"] = new KeyRingEvent.KeyAdded(2, new KeyId(0x0123456789abcdef), new KeyId(0xfedcba9876543210), ByteString.From([1, 2, 3])),
        ["key-ring.key-activated.v1"] = new KeyRingEvent.KeyActivated(2),
        ["key-ring.key-retired.v1"] = new KeyRingEvent.KeyRetired(1),
        ["key-ring.keys-rewrapped.v1"] = new KeyRingEvent.KeysRewrapped(
            new KeyId(1), [new WrappedKey(2, ByteString.From([4])), new WrappedKey(3, ByteString.From([5]))]),
        ["key-ring.messages-reserved.v1"] = new KeyRingEvent.MessagesReserved(2, 1048576),
    };

    internal static IReadOnlyDictionary<string, GuardianEvent> OfGuardian { get; } = new Dictionary<string, GuardianEvent>(StringComparer.Ordinal)
    {
        ["guardian.recorded.v1"] = new GuardianEvent.Recorded(
            new GuardianRecord.WithdrawalAccepted(
                3, 1_700_000_000, Party.Hash("previous"), SessionId.Parse("pay-1"), Party.Hash("txid"), 2, 150_000, Batch.Of<ulong>([850_000, 4_000_000])),
            1_700_000_001),
        ["guardian.stopped.v1"] = new GuardianEvent.Stopped("audit", 1_700_000_002),
        ["guardian.resumed.v1"] = new GuardianEvent.Resumed("audited", 1_700_000_003),
    };

    internal static IReadOnlyDictionary<string, JobEvent> OfCovenantJob { get; } = new Dictionary<string, JobEvent>(StringComparer.Ordinal)
    {
        ["covenant-job.accepted.v1"] = new JobEvent.Accepted(
            Party.Hash("digest"),
            Covenant.Request(CovenantKind.QcV1) with
            {
                Certificate = new SignerCertificate(900_100, "smpproof"),
                Quote = new PlanQuote(1_700_000_000, 1_700_000_060, Covenant.SignatureOf("quoter", default)),
            },
            1_700_000_001),
        ["covenant-job.signed.v1"] = new JobEvent.Signed(Covenant.SignatureOf("signer", default), 1_700_000_002),
        ["covenant-job.failed.v1"] = new JobEvent.Failed(Refusal.Terminal("insufficient_seats", "Too few.", ("needed", 2)), 1_700_000_003),
    };

    internal static IReadOnlyDictionary<string, JobDecisionEvent> OfJobDecision { get; } = new Dictionary<string, JobDecisionEvent>(StringComparer.Ordinal)
    {
        ["covenant-job-decision.abandoned.v1"] = new JobDecisionEvent.Abandoned(
            new JobDecision(
                "self_v1",
                "request-1",
                "The row is lost.",
                1_700_000_004,
                FixedBytes.From<Bytes32>([.. Enumerable.Repeat((byte)7, 32)]),
                FixedBytes.From<Bytes64>([.. Enumerable.Repeat((byte)6, 64)])),
            1_700_000_005),
    };

    internal static GuardianCheckpoint Checkpoint { get; } = GuardianCheckpoint.Take(
        GuardianSpecification.Guarded().WhenWithdrawn(1, 10).WhenWithdrawn(2, 20).When(new GuardianCommand.Freeze("audit")).State, 4, default)[0];

    internal static IReadOnlyList<GuardianRecord> Records { get; } =
    [
        new GuardianRecord.RulesSet(0, 1_700_000_000, Party.Hash("previous"), _rules),
        new GuardianRecord.LooseningAnnounced(1, 1_700_000_000, Party.Hash("previous"), _rules with { MaximumAge = 3600 }),
        new GuardianRecord.LooseningApplied(2, 1_700_086_400, Party.Hash("previous")),
        ((GuardianEvent.Recorded)OfGuardian["guardian.recorded.v1"]).Record,
        new GuardianRecord.Frozen(4, 1_700_086_401, Party.Hash("previous"), "a reason"),
        new GuardianRecord.Unfrozen(5, 1_700_086_402, Party.Hash("previous"), "another"),
    ];

    internal static IReadOnlyList<SeatRequest> Requests { get; } =
    [
        new SeatRequest.Open(_request),
        new SeatRequest.Open(_request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From([1, 2, 3]), 7), Tweaks = TweakList.None }),
        new SeatRequest.Commit(Attempt),
        new SeatRequest.SignShare(Package),
        new SeatRequest.Complete(Attempt, _signature),
        new SeatRequest.Abort(AbortReason.Requested),
        new SeatRequest.Open(_request with { Artefact = new PolicyArtefact.MessageProof("for the auditor", DerivationPath.Receiving(5)) }),
    ];

    internal static IReadOnlyList<SeatAnswer> Answers { get; } =
    [
        new SeatAnswer.Granted(new SeatReply.Acknowledged()),
        new SeatAnswer.Granted(new SeatReply.Joined(Attempt.Id, Commitment("zero"))),
        new SeatAnswer.Granted(new SeatReply.Signed(Attempt.Id, new Share(Party.Hash("share")))),
        new SeatAnswer.Refused(null, Refusal.Terminal("group_retired", "The group's key is retired.")),
        new SeatAnswer.Refused(Attempt.Id, Refusal.Recoverable("nonce_lost", "Gone.", ("number", 3))),
        new SeatAnswer.Failed("key_unavailable", IsTransient: true),
    ];

    internal static IReadOnlyList<CoordinatorCommand> Commands { get; } =
    [
        new CoordinatorCommand.Sign(_request),
        new CoordinatorCommand.Withdraw(_request),
        new CoordinatorCommand.Withdraw(_request, 1_700_000_000),
        new CoordinatorCommand.Show(),
        new CoordinatorCommand.SeatAnswered(Party.Seat(2), [Answers[0]]),
        new CoordinatorCommand.Abort(AbortReason.Expired),
    ];

    internal static IReadOnlyList<CoordinatorAnswer> Conclusions { get; } =
    [
        new CoordinatorAnswer.Granted(new CoordinatorReply.Running(2)),
        new CoordinatorAnswer.Granted(new CoordinatorReply.Completed(2, XOnlyPublicKey.Parse(_request.Group.X.AsSpan()), _signature)),
        new CoordinatorAnswer.Granted(new CoordinatorReply.Failed(2, Refusal.Terminal("insufficient_seats", "Too few."))),
        new CoordinatorAnswer.Granted(new CoordinatorReply.Noted()),
        new CoordinatorAnswer.Refused(Refusal.Terminal("unknown_group", "Not here.")),
        new CoordinatorAnswer.Failed("journal_unavailable", IsTransient: false),
    ];

    internal static BlameCertificate Certificate => ((RoastEvent.SeatConvicted)OfRoast["roast.seat-convicted.v1"]).Certificate;

    private static Commitment Commitment(string name) =>
        new(FixedBytes.From<Bytes66>([2, .. Party.Hash(name).AsSpan(), 3, .. Party.Hash(name + " too").AsSpan()]));
}
