using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Session;

public class SignShareTests
{
    private readonly Party _party = Party.Of(3, 5).WithTweaks(Party.Tweak(7));

    public static TheoryData<string, string> BadPackages => new()
    {
        { "own commitment altered by a byte", "package_mismatch" },
        { "own commitment of another draw", "package_mismatch" },
        { "without this seat", "package_mismatch" },
        { "t-1 commitments", "package_mismatch" },
        { "t+1 commitments", "package_mismatch" },
        { "no commitments", "package_mismatch" },
        { "a seat outside the included set", "package_mismatch" },
        { "another message", "package_mismatch" },
        { "another tweak", "package_mismatch" },
        { "another tweak mode", "package_mismatch" },
        { "no tweaks", "package_mismatch" },
        { "one more tweak", "package_mismatch" },
        { "another number under the same id", "attempt_id_mismatch" },
        { "another included set under the same id", "attempt_id_mismatch" },
        { "another attempt", "attempt_not_live" },
        { "another seat's commitment is no point", "package_invalid" },
    };

    [Theory]
    [MemberData(nameof(BadPackages))]
    public void N5_A_bad_package_is_refused_and_N4_the_same_commitment_still_signs(string fault, string code)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1, 0, 1, 2, 3));
        Batch<Commitment> commitment = seat.Commitment;
        SigningPackage right = seat.Package();
        seat.WhenSigning(Spoil(right, fault)).ThenRefused(code);
        Assert.Equal(commitment, seat.Commitment);
        seat.WhenSigning(right).ThenAccepted();
        Share share = Assert.IsType<SeatReply.Signed>(seat.Reply).Share.Single;
        Assert.True(ShareVerification.Verify(right.Values(_party.Group).Value.Single, seat.Seat, commitment.Single, share));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(65)]
    public void N5_Every_byte_of_the_own_commitment_counts(int position)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.WhenSigning(WithOwn(package, Altered(seat.Commitment.Single, position))).ThenRefused("package_mismatch", "part", "own_commitment");
    }

    [Fact]
    public void A_share_is_a_marker_and_an_answer_in_one_event()
    {
        AttemptContext attempt = _party.Attempt(1);
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(attempt);
        SigningPackage package = seat.Package();
        Batch<Share> share = _party.ShareOf(package, 0);
        seat.WhenSigning(package)
            .Then(new SigningSessionEvent.ShareProduced(attempt, package.ComputeHash(), share))
            .ThenReplied(new SeatReply.Signed(attempt.Id, share));
    }

    [Fact]
    public void N1_One_commitment_serves_one_package()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage first = seat.Package(0, 1, 2);
        SigningPackage second = seat.Package(0, 1, 3);
        seat.WhenSigning(first).ThenAccepted();
        seat.WhenSigning(second).ThenRefused("consumed_nonce_replay");
    }

    [Theory]
    [InlineData("open")]
    [InlineData("restarted")]
    [InlineData("joined to a newer attempt")]
    [InlineData("completed")]
    [InlineData("aborted")]
    [InlineData("rekey required")]
    [InlineData("quarantined")]
    [InlineData("group unknown")]
    public void N6_A_replay_gives_the_recorded_share_from_the_history_alone(string later)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        SigningPackage other = seat.Package(0, 3, 4);
        seat.WhenSigning(package).ThenAccepted();
        SeatReply first = seat.Reply;
        MoveOn(seat, later);
        seat.WhenSigning(package).ThenOnlyReplied(first);
        seat.WhenSigning(other).ThenRefused("consumed_nonce_replay");
        seat.WhenSigning(package with { Message = Party.Hash("x") }).ThenRefused("consumed_nonce_replay");
        seat.WhenSigning(package).ThenOnlyReplied(first);
    }

    [Theory]
    [InlineData("number")]
    [InlineData("included")]
    public void N6_A_package_with_another_attempt_context_is_another_package(string field)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        AttemptContext altered = field == "number" ? package.Attempt with { Number = 2 } : package.Attempt with { Included = Party.Seats(0, 1, 2) };
        seat.WhenSigning(package).ThenAccepted();
        seat.WhenSigning(package with { Attempt = altered }).ThenRefusedKeeping("consumed_nonce_replay");
    }

    [Fact]
    public void N7_A_nonce_bound_to_one_package_is_refused_for_another_and_signs_the_same()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage bound = seat.Package(0, 1, 2);
        SigningPackage other = seat.Package(0, 1, 3);
        seat.Holding(new HeldNonce(seat.Commitment, bound.ComputeHash()));
        seat.WhenSigning(other).ThenRefused("consumed_nonce_replay");
        seat.WhenSigning(bound).ThenReplied(new SeatReply.Signed(bound.Attempt.Id, _party.ShareOf(bound, 0)));
    }

    [Fact]
    public void A_nonce_that_died_with_a_restart_is_refused_without_a_marker()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.Restarted().WhenSigning(package).ThenRefused("nonce_lost");
        Assert.Equal(0, Assert.IsType<SessionState.Joined>(seat.State).Consumed.Count);
    }

    [Fact]
    public void An_attempt_that_a_newer_one_replaced_is_not_signed()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.GivenJoined(_party.Attempt(2)).WhenSigning(package).ThenRefused("attempt_not_live");
    }

    [Fact]
    public void The_checks_answer_in_their_order()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        HeldNonce held = seat.Held!;
        SigningPackage right = seat.Package();
        SigningPackage[] worstFirst =
        [
            right with
            {
                Attempt = right.Attempt with { Number = 9 },
                Message = Party.Hash("x"),
                Tweaks = TweakList.None,
                Commitments = Spoil(right, "t-1 commitments").Commitments,
            },
            right with { Message = Party.Hash("x"), Tweaks = TweakList.None, Commitments = Spoil(right, "t-1 commitments").Commitments },
            right with { Tweaks = TweakList.None, Commitments = Spoil(right, "t-1 commitments").Commitments },
            Spoil(right, "t-1 commitments"),
            _party.Package(right.Attempt, Party.Seat(9), default(Commitment), 0, 1, 2),
        ];
        seat.Holding(null).Knowing(static standing => standing with { Group = null });
        seat.WhenSigning(worstFirst[0]).ThenRefused("unknown_group")
            .Knowing(_ => _party.Standing with { Lifecycle = GroupLifecycle.RekeyRequired, AllowRaw = false, Quarantined = Party.Seats(2) })
            .WhenSigning(worstFirst[0]).ThenRefused("attempt_id_mismatch")
            .WhenSigning(worstFirst[1]).ThenRefused("package_mismatch", "part", "message")
            .WhenSigning(worstFirst[2]).ThenRefused("package_mismatch", "part", "tweaks")
            .WhenSigning(worstFirst[3]).ThenRefused("package_mismatch", "part", "commitment_count")
            .WhenSigning(WithOwn(right, default(Commitment))).ThenRefused("package_mismatch", "part", "own_commitment")
            .WhenSigning(right).ThenRefused("group_rekey_required")
            .Knowing(static standing => standing with { Lifecycle = GroupLifecycle.Active })
            .WhenSigning(right).ThenRefused("raw_message_not_allowed")
            .Knowing(static standing => standing with { AllowRaw = true })
            .WhenSigning(right).ThenRefused("seat_quarantined", "seats", "2")
            .Knowing(static standing => standing with { Quarantined = default })
            .WhenSigning(right).ThenRefused("nonce_lost")
            .Holding(held)
            .WhenSigning(right).ThenAccepted();
    }

    [Fact]
    public void A_package_before_the_session_is_not_found() =>
        SeatSpecification.For(_party)
            .WhenSigning(_party.Package(_party.Attempt(1), Party.Seat(0), _party.Commitment(_party.Attempt(1), Party.Seat(0))))
            .ThenRefused("session_not_found");

    [Fact]
    public void A_share_computed_for_an_attempt_that_is_not_live_is_a_defect()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(2));
        Assert.Throws<InvalidOperationException>(
            () => SigningSessionDecider.Decide(seat.State, new SessionCommand.RecordShare(_party.Attempt(1), default, default(Share))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void N9_A_commitment_drawn_for_an_attempt_that_is_not_newer_is_a_defect(int number)
    {
        SeatSpecification joined = SeatSpecification.For(_party).GivenJoined(_party.Attempt(2));
        SessionCommand late = new SessionCommand.RecordCommitment(_party.Attempt(number), _party.Commitment(_party.Attempt(number), Party.Seat(0), 5));
        Assert.Throws<InvalidOperationException>(() => SigningSessionDecider.Decide(joined.State, late));
        joined.WhenSigning(joined.Package()).ThenAccepted();
        Assert.Throws<InvalidOperationException>(() => SigningSessionDecider.Decide(joined.State, late));
    }

    private static void MoveOn(SeatSpecification seat, string later) => _ = later switch
    {
        "open" => seat,
        "restarted" => seat.Restarted(),
        "joined to a newer attempt" => seat.GivenJoined(seat.Party.Attempt(2)),
        "completed" => seat.When(new SeatRequest.Complete(seat.Party.Attempt(1), seat.Party.Signature())).ThenAccepted(),
        "aborted" => seat.When(new SeatRequest.Abort(AbortReason.Expired)).ThenAccepted(),
        "rekey required" => seat.Knowing(static standing => standing with { Lifecycle = GroupLifecycle.RekeyRequired }),
        "quarantined" => seat.Knowing(static standing => standing with { Quarantined = Party.Seats(0, 1, 2) }),
        _ => seat.Knowing(static _ => Standing.Unknown),
    };

    private SigningPackage Spoil(SigningPackage right, string fault) => fault switch
    {
        "own commitment altered by a byte" => WithOwn(right, Altered(right.Commitments[0].Commitment.Single, 20)),
        "own commitment of another draw" => WithOwn(right, _party.Commitment(right.Attempt, Party.Seat(0), 17)),
        "without this seat" => _party.Package(right.Attempt, Party.Seat(9), default(Commitment), 1, 2, 3),
        "t-1 commitments" => right with { Commitments = Only(right.Commitments, 0, 1) },
        "t+1 commitments" =>
            right with { Commitments = SeatCommitments.From([.. right.Commitments, (Party.Seat(3), _party.Commitment(right.Attempt, Party.Seat(3)))]) },
        "no commitments" => right with { Commitments = SeatCommitments.From([]) },
        "a seat outside the included set" => right with
        {
            Commitments = SeatCommitments.From([.. Only(right.Commitments, 0, 1), (Party.Seat(4), _party.Commitment(right.Attempt, Party.Seat(4)))]),
        },
        "another message" => right with { Message = Party.Hash("another") },
        "another tweak" => right with { Tweaks = new TweakList(Party.Tweak(8)) },
        "another tweak mode" => right with { Tweaks = new TweakList(Party.Tweak(7, TweakMode.Plain)) },
        "no tweaks" => right with { Tweaks = TweakList.None },
        "one more tweak" => right with { Tweaks = new TweakList(Party.Tweak(7), Party.Tweak(7)) },
        "another number under the same id" => right with { Attempt = right.Attempt with { Number = 2 } },
        "another included set under the same id" => right with { Attempt = right.Attempt with { Included = _party.Group.Seats } },
        "another attempt" => right with { Attempt = _party.Attempt(2) },
        "another seat's commitment is no point" => right with
        {
            Commitments = SeatCommitments.From([.. Only(right.Commitments, 0, 1), (Party.Seat(2), new Commitment(default))]),
        },
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    private static SigningPackage WithOwn(SigningPackage package, Batch<Commitment> own) => package with
    {
        Commitments = SeatCommitments.From(package.Commitments.Select(entry => entry.Seat == Party.Seat(0) ? (entry.Seat, own) : entry)),
    };

    private static SeatCommitments Only(SeatCommitments commitments, params int[] seats) =>
        SeatCommitments.From(commitments.Where(entry => seats.Contains(entry.Seat.Value)));

    private static Commitment Altered(Commitment commitment, int position)
    {
        byte[] bytes = commitment.Bytes.AsSpan().ToArray();
        bytes[position] ^= 1;
        return new Commitment(FixedBytes.From<Bytes66>(bytes));
    }
}
