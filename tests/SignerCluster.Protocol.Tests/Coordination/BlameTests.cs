using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Coordination;

/// <summary>Who is blamed, who is not, and what proves it.</summary>
public class BlameTests
{
    private readonly Party _party = Party.Of(2, 4).WithTweaks(Party.Tweak(7));

    [Fact]
    public void A5_A_bad_share_convicts_its_seat_with_a_certificate_that_proves_it()
    {
        (CoordinatorSpecification session, BlameCertificate certificate) = Convicted(1);
        Assert.Equal(Party.Seats(1), session.Roster.Convicted);
        Assert.Equal(Party.Seat(1), certificate.Seat);
        Assert.True(certificate.Proves(_party.Group));
        session.ThenNoMoreAsks(1);
    }

    [Fact]
    public void Pitfall_34_A_convicted_seat_is_in_no_later_attempt()
    {
        (CoordinatorSpecification session, _) = Convicted(1);
        session.WhenAnswered(1, session.Joined(1)).ThenNothing();
        session.WhenSharedBy(0).WhenJoined(0).WhenJoined(2);
        Assert.DoesNotContain(Party.Seat(1), session.PackageOf(0).Commitments.Seats);
        Assert.DoesNotContain(Party.Seat(1), session.Collecting.Included);
        Assert.IsType<CoordinatorReply.Completed>(session.WhenSharedBy(0).WhenSharedBy(2).Reply);
        Assert.DoesNotContain(_party.Address(1), session.Effects.OfType<CoordinatorEffect.TellSeat>().Select(static tell => tell.Seat));
    }

    [Fact]
    public void A5_Every_liar_of_one_attempt_is_named()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(1).WhenJoined(3);
        session.WhenAnswered(1, session.Signed(1, Bad())).WhenAnswered(3, session.Signed(3, Bad()));
        Assert.Equal(Party.Seats(1, 3), session.Roster.Convicted);
        session.WhenJoined(0).WhenJoined(2).WhenSharedBy(0).WhenSharedBy(2);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A5_A_good_share_in_an_attempt_that_died_is_no_reason_for_blame()
    {
        (CoordinatorSpecification session, _) = Convicted(1);
        Assert.Empty(session.Roster.Live);
        session.WhenSharedBy(0).ThenEvents(typeof(RoastEvent.ShareAccepted)).ThenAsks((0, [new SeatRequest.Commit(session.Collecting)]));
        Assert.Equal(Party.Seats(1), session.Roster.Convicted);
    }

    [Theory]
    [InlineData("nonce_lost")]
    [InlineData("attempt_not_live")]
    [InlineData("package_mismatch")]
    [InlineData("attempt_id_mismatch")]
    public void A5_A_seat_that_withdraws_is_not_blamed_and_the_session_still_completes(string code)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        AttemptId first = _party.Attempt(1).Id;
        session.WhenRefused(1, first, code)
            .Then(new RoastEvent.SeatWithdrew(first, Party.Seat(1), code))
            .ThenAsks((1, [new SeatRequest.Commit(session.Collecting)]));
        Assert.Empty(session.Roster.Convicted);
        Assert.Empty(session.Roster.Live);
        session.WhenRefused(1, first, code).Then();
        session.WhenSharedBy(0).WhenJoined(0).WhenJoined(1).WhenSharedBy(0).WhenSharedBy(1);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A_seat_that_lost_its_nonce_and_commits_with_the_same_breath_is_responsive()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        SeatAnswer lost = new SeatAnswer.Refused(_party.Attempt(1).Id, Refusal.Recoverable("nonce_lost", "restarted"));
        session.WhenAnswered(1, lost, session.Joined(1)).ThenEvents(typeof(RoastEvent.SeatWithdrew), typeof(RoastEvent.CommitmentReceived));
        Assert.Empty(session.Effects);
        session.WhenJoined(2).WhenSharedBy(1).WhenSharedBy(2);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A_seat_that_cannot_commit_any_more_makes_a_new_attempt_collect()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0);
        AttemptContext second = _party.Attempt(2);
        session.WhenRefused(1, _party.Attempt(1).Id, "nonce_lost")
            .Then(
                new RoastEvent.SeatWithdrew(_party.Attempt(1).Id, Party.Seat(1), "nonce_lost"),
                new RoastEvent.AttemptProposed(second, AdvanceReason.SeatWithdrew))
            .ThenAsks((0, session.OpenAndCommit), (1, [new SeatRequest.Commit(second)]), (2, session.OpenAndCommit), (3, session.OpenAndCommit));
    }

    [Fact]
    public void A_seat_that_does_not_know_the_session_is_shown_it_again()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        session.WhenAnswered(1, new SeatAnswer.Refused(session.Collecting.Id, Refusals.SessionNotFound));
        Assert.Equal(session.OpenAndCommit, session.Effects.OfType<CoordinatorEffect.AskSeat>().Single(ask => ask.Seat == _party.Address(1)).Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_seat_that_declines_is_not_blamed_and_not_asked_again(bool aboutTheAttempt)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenRefused(1, aboutTheAttempt ? _party.Attempt(1).Id : null, "group_retired", terminal: true)
            .Then(new RoastEvent.SeatDeclined(Party.Seat(1), "group_retired"));
        session.ThenNoMoreAsks(1);
        Assert.Empty(session.Roster.Convicted);
        Assert.Empty(session.Roster.Live);
        session.WhenJoined(2).WhenJoined(3).WhenSharedBy(2).WhenSharedBy(3);
        Assert.IsType<CoordinatorReply.Completed>(session.Reply);
    }

    [Fact]
    public void A_commitment_that_is_no_pair_of_points_takes_its_seat_out_of_the_session()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        session.WhenAnswered(1, new SeatAnswer.Granted(new SeatReply.Joined(session.Collecting.Id, default(Commitment))))
            .Then(new RoastEvent.SeatDeclined(Party.Seat(1), "commitment_invalid"));
    }

    [Fact]
    public void Too_few_seats_fail_the_session_and_the_reason_names_seats_and_codes()
    {
        (CoordinatorSpecification session, _) = Convicted(1);
        session.WhenRefused(2, null, "group_retired", terminal: true).ThenEvents(typeof(RoastEvent.SeatDeclined));
        session.WhenRefused(3, null, "seat_not_held", terminal: true).ThenEvents(typeof(RoastEvent.SeatDeclined), typeof(RoastEvent.SessionFailed));
        Refusal reason = Assert.IsType<CoordinatorReply.Failed>(session.Reply).Reason;
        Assert.Equal("insufficient_seats", reason.Code);
        Assert.Equal(RefusalClass.Terminal, reason.Class);
        Assert.Equal("2", reason.Evidence["needed"]);
        Assert.Equal("1", reason.Evidence["available"]);
        Assert.Equal("seat 1 sent a bad share, seat 2 declined with group_retired, seat 3 declined with seat_not_held", reason.Evidence["reasons"]);
        Assert.DoesNotContain("signer ", reason.Message, StringComparison.Ordinal);
        Assert.Equal([_party.Address(0)], session.Effects.OfType<CoordinatorEffect.TellSeat>().Select(static tell => tell.Seat));
        session.ThenResumes();
    }

    [Fact]
    public void A6_An_honest_share_never_proves()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        SigningPackage package = session.PackageOf(0);
        foreach (int seat in (int[])[0, 1])
        {
            BlameCertificate unjust = new(_party.Session, _party.Request, package, Party.Seat(seat), _party.ShareOf(package, seat));
            Assert.False(unjust.Proves(_party.Group));
        }
    }

    public static TheoryData<string> TamperedFields =>
    [
        "session", "group", "message", "tweaks", "package message", "package tweaks", "number", "included", "attempt id", "a commitment too few",
        "a commitment too many", "a seat outside the included set", "a commitment that is no point", "a seat that did not sign", "the honest share",
        "another group's public data", "another request of the same session",
    ];

    [Theory]
    [MemberData(nameof(TamperedFields))]
    public void A6_A_certificate_that_was_tampered_with_does_not_prove(string field)
    {
        BlameCertificate right = Convicted(1).Certificate;
        SigningPackage package = right.Package;
        Party another = Party.Of(2, 4, "another").WithTweaks(Party.Tweak(7));
        BlameCertificate tampered = field switch
        {
            "session" => right with { Session = SessionId.Parse("payout-2") },
            "group" => right with { Request = right.Request with { Group = another.Id } },
            "message" => right with { Request = right.Request with { Message = default(Bytes32) } },
            "tweaks" => right with { Request = right.Request with { Tweaks = TweakList.None } },
            "package message" => right with { Package = package with { Message = default(Bytes32) } },
            "package tweaks" => right with { Package = package with { Tweaks = TweakList.None } },
            "number" => right with { Package = package with { Attempt = package.Attempt with { Number = 2 } } },
            "included" => right with { Package = package with { Attempt = package.Attempt with { Included = Party.Seats(0, 1) } } },
            "attempt id" => right with { Package = package with { Attempt = package.Attempt with { Id = default } } },
            "a commitment too few" => right with { Package = With(package, package.Commitments.Skip(1)) },
            "a commitment too many" => right with { Package = With(package, [.. package.Commitments, (Party.Seat(2), package.Commitments[0].Commitment)]) },
            "a seat outside the included set" => Outside(right),
            "a commitment that is no point" => right with { Package = With(package, [package.Commitments[1], (Party.Seat(0), default(Commitment))]) },
            "a seat that did not sign" => right with { Seat = Party.Seat(2) },
            "the honest share" => right with { Share = _party.ShareOf(package, 1) },
            "another request of the same session" => right with
            {
                Request = right.Request with { Message = default(Bytes32) },
                Package = package with { Message = default(Bytes32) },
            },
            _ => right,
        };
        Assert.False(tampered.Proves(field == "another group's public data" ? another.Group : _party.Group));
        Assert.True(right.Proves(_party.Group));
    }

    [Fact]
    public void A6_A_certificate_proves_the_mathematics_and_not_who_sent_the_share()
    {
        // Shares are not signed inside a certificate: whoever has the transport signature proves the rest. Kept as a test so that nobody forgets.
        BlameCertificate right = Convicted(1).Certificate;
        Assert.True((right with { Seat = Party.Seat(0) }).Proves(_party.Group));
        Assert.True((right with { Request = right.Request with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From([]), 0) } }).Proves(_party.Group));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void A5_Shares_at_the_edges_are_blamed_and_do_not_throw(string hex)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(1, session.Signed(1, new Share(FixedBytes.ParseHex<Bytes32>(hex)))).ThenEvents(typeof(RoastEvent.SeatConvicted));
    }

    [Fact]
    public void Pitfall_16_A_seat_whose_nonce_cancels_the_others_cannot_stop_the_session()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0);
        byte[] cancelling = _party.Commitment(session.Collecting, Party.Seat(0)).Single.Bytes.AsSpan().ToArray();
        cancelling[0] ^= 1;
        cancelling[33] ^= 1;
        session.WhenAnswered(1, new SeatAnswer.Granted(new SeatReply.Joined(session.Collecting.Id, new Commitment(FixedBytes.From<Bytes66>(cancelling)))));
        session.WhenSharedBy(0).ThenEvents(typeof(RoastEvent.ShareAccepted));
        session.WhenAnswered(1, session.Signed(1, Bad()));
        Assert.Equal(Party.Seats(1), session.Roster.Convicted);
    }

    private static Share Bad() => new(Party.Hash("not a share"));

    private static SigningPackage With(SigningPackage package, IEnumerable<(SeatId, Batch<Commitment>)> commitments) =>
        package with { Commitments = SeatCommitments.From(commitments) };

    private BlameCertificate Outside(BlameCertificate right)
    {
        AttemptContext narrow = AttemptContext.Derive(_party.Session, _party.Request, 1, Party.Seats(0, 2));
        return right with { Package = right.Package with { Attempt = narrow } };
    }

    private (CoordinatorSpecification Session, BlameCertificate Certificate) Convicted(int seat)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(seat);
        session.WhenAnswered(seat, session.Signed(seat, Bad()));
        return (session, Assert.IsType<RoastEvent.SeatConvicted>(Assert.Single(session.Events)).Certificate);
    }
}
