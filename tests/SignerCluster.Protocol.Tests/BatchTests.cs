using System.Text;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Frost.Tweaks;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests;

/// <summary>Sessions of more than one message: everything is decided for all messages at once, and everything is checked for each.</summary>
public class BatchTests
{
    private readonly Party _party = Of(Party.Of(2, 3), messages: 3);

    public static TheoryData<int> Sizes => [2, 3, 40];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_message_gets_its_own_signature_under_its_own_key(int messages)
    {
        Party party = Of(Party.Of(2, 3), messages);
        CoordinatorSpecification session = CoordinatorSpecification.For(party).WhenSigned().WhenJoined(0).WhenJoined(2).WhenSharedBy(0).WhenSharedBy(2);
        CoordinatorReply.Completed done = Assert.IsType<CoordinatorReply.Completed>(session.Reply);
        Assert.True(party.Verifies(done.Signature));
        Assert.Equal(messages, done.Signature.Distinct().Count());
    }

    [Fact]
    public void F19_A_running_session_says_what_it_waits_for_and_from_how_many_seats_that_is_there()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        Assert.Equal(new SessionStep("commitments", 0, 2), StepOf(session));
        Assert.Equal(new SessionStep("commitments", 1, 2), StepOf(session.WhenJoined(0)));
        Assert.Equal(new SessionStep("shares", 0, 2), StepOf(session.WhenJoined(2)));
        Assert.Equal(new SessionStep("shares", 1, 2), StepOf(session.WhenSharedBy(0)));
        Assert.Null(StepOf(session.WhenSharedBy(2)));

        static SessionStep? StepOf(CoordinatorSpecification session) =>
            SessionView.Of(Assert.IsType<CoordinatorState.Accepted>(session.State, exactMatch: false)).Step;
    }

    [Fact]
    public void A4_A_seat_that_lies_about_one_message_of_many_is_convicted_and_the_others_finish()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        Batch<Share> right = _party.ShareOf(session.PackageOf(1), 1);
        session.WhenAnswered(1, session.Signed(1, Batch.Of<Share>([right[0], right[1], new Share(Party.Hash("bad"))])));
        BlameCertificate certificate = Assert.IsType<RoastEvent.SeatConvicted>(Assert.Single(session.Events)).Certificate;
        Assert.True(certificate.Proves(_party.Group));
        Assert.False((certificate with { Share = right }).Proves(_party.Group));
        session.WhenSharedBy(0).WhenJoined(0).WhenJoined(2).WhenSharedBy(0).WhenSharedBy(2);
        Assert.True(_party.Verifies(Assert.IsType<CoordinatorReply.Completed>(session.Reply).Signature));
    }

    [Fact]
    public void A5_Shares_that_are_right_but_for_one_another_s_messages_are_a_lie()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        Batch<Share> right = _party.ShareOf(session.PackageOf(1), 1);
        session.WhenAnswered(1, session.Signed(1, Batch.Of<Share>([right[1], right[0], right[2]]))).ThenEvents(typeof(RoastEvent.SeatConvicted));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_seat_that_sends_another_number_of_shares_is_convicted(int sent)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenSharedBy(0);
        Batch<Share> right = _party.ShareOf(session.PackageOf(1), 1);
        session.WhenAnswered(1, session.Signed(1, Batch.Of<Share>([.. right, .. right])[..sent]));
        Assert.True(Assert.IsType<RoastEvent.SeatConvicted>(Assert.Single(session.Events)).Certificate.Proves(_party.Group));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_seat_that_sends_another_number_of_commitments_is_not_asked_again(int sent)
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        Batch<Commitment> right = _party.Commitment(session.Collecting, Party.Seat(0));
        Batch<Commitment> wrong = Batch.Of<Commitment>([.. right, .. right])[..sent];
        session.WhenAnswered(0, new SeatAnswer.Granted(new SeatReply.Joined(session.Collecting.Id, wrong)))
            .Then(new RoastEvent.SeatDeclined(Party.Seat(0), "commitment_invalid"));
    }

    [Fact]
    public void N1_A_package_in_which_two_messages_swap_the_seat_s_nonces_is_refused_and_N4_the_nonces_still_sign()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage right = seat.Package();
        Batch<Commitment> own = seat.Commitment;
        seat.WhenSigning(With(right, Batch.Of<Commitment>([own[1], own[0], own[2]]))).ThenRefused("package_mismatch", "part", "own_commitment");
        seat.WhenSigning(right).ThenAccepted();
    }

    [Fact]
    public void N5_A_package_without_a_commitment_for_every_message_is_refused()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage right = seat.Package();
        SigningPackage less = right with
        {
            Commitments = SeatCommitments.From(right.Commitments.Select(static one => (one.Seat, one.Commitment[..2]))),
        };
        seat.WhenSigning(less).ThenRefused("package_mismatch", "part", "commitments_of_a_seat");
        seat.WhenSigning(right with { Message = right.Message[..2] }).ThenRefused("package_mismatch", "part", "message");
    }

    [Fact]
    public void N6_Another_package_that_differs_in_one_message_s_commitment_gets_no_share_after_the_first()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage first = seat.Package();
        seat.WhenSigning(first).ThenAccepted();
        (SeatId Seat, Batch<Commitment> Commitment) other = first.Commitments.Single(one => one.Seat != seat.Seat);
        Batch<Commitment> fresh = _party.Commitment(first.Attempt, other.Seat, drawn: 5);
        SigningPackage second = first with
        {
            Commitments = SeatCommitments.From(first.Commitments.Select(one => one.Seat == seat.Seat
                ? one
                : (one.Seat, Batch.Of<Commitment>([one.Commitment[0], fresh[1], one.Commitment[2]])))),
        };
        Assert.NotEqual(first.ComputeHash(), second.ComputeHash());
        seat.WhenSigning(second).ThenRefused("consumed_nonce_replay");
    }

    [Fact]
    public void D5_Signatures_in_another_order_complete_nothing()
    {
        AttemptContext attempt = _party.Attempt(1);
        Batch<Bytes64> right = _party.Signature();
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(attempt);
        seat.When(new SeatRequest.Complete(attempt, Batch.Of<Bytes64>([right[1], right[0], right[2]]))).ThenRefused("signature_invalid");
        seat.When(new SeatRequest.Complete(attempt, right[..2])).ThenRefused("signature_invalid");
        seat.When(new SeatRequest.Complete(attempt, right)).ThenAccepted();
    }

    [Fact]
    public void A2_The_attempt_binds_every_message_and_every_tweak_and_their_order()
    {
        SigningRequest right = _party.Request;
        HashSet<AttemptId> ids = [];
        foreach (SigningRequest request in (SigningRequest[])
            [
                right,
                right with { Message = right.Message[..2] },
                right with { Message = Batch.Of<Bytes32>([right.Message[1], right.Message[0], right.Message[2]]) },
                right with { Tweaks = Batch.Of<TweakList>([right.Tweaks[1], right.Tweaks[0], right.Tweaks[2]]) },
                right with { Tweaks = right.Tweaks[0] },
                right with { Tweaks = right.Tweaks[..2] },
            ])
        {
            Assert.True(ids.Add(AttemptContext.Derive(_party.Session, request, 1, _party.Group.Seats).Id));
        }
    }

    [Fact]
    public void A_request_with_neither_one_list_of_tweaks_nor_one_for_each_message_is_refused_by_both_sides()
    {
        Party uneven = _party.With(_party.Request with { Tweaks = _party.Request.Tweaks[..2] });
        CoordinatorSpecification.For(uneven).WhenSigned().ThenRefused("tweak_mismatch");
        SeatSpecification.For(uneven).When(new SeatRequest.Open(uneven.Request)).ThenRefused("tweak_mismatch");
    }

    [Theory]
    [InlineData(2, 5_000)]
    [InlineData(5, 5_000)]
    public void P1_What_fits_into_a_message_between_parties_depends_on_the_threshold_and_is_refused_before_anything_is_signed(int threshold, int fits)
    {
        Party party = Party.Of(threshold, threshold);
        SigningRequest large = party.Request with { Message = Batch.Of(Enumerable.Repeat(Party.Hash("message"), fits)) };
        CoordinatorSpecification.For(party.With(large)).WhenSigned().ThenEvents(typeof(RoastEvent.SigningRequested), typeof(RoastEvent.AttemptProposed));
        SigningRequest larger = large with { Message = Batch.Of(Enumerable.Repeat(Party.Hash("message"), 3 * fits)) };
        CoordinatorSpecification.For(party.With(larger)).WhenSigned().ThenRefused("payment_too_large");
        SeatSpecification.For(party.With(larger)).When(new SeatRequest.Open(larger)).ThenRefused("payment_too_large");
    }

    [Fact]
    public void All_inputs_of_a_payment_are_recomputed_by_the_seat_and_each_must_be_right()
    {
        Party party = Party.Of(2, 3);
        Psbt psbt = Payment.Psbt(party);
        SigningRequest right = Payment.RequestForAll(party, psbt);
        Refuses(right with { Message = Batch.Of<Bytes32>([right.Message[0], Party.Hash("another")]) }, "sighash_mismatch");
        Refuses(right with { Message = Batch.Of<Bytes32>([right.Message[1], right.Message[0]]) }, "sighash_mismatch");
        Refuses(right with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From(psbt.ToBytes()), Payment.Own) }, "sighash_mismatch");
        Refuses(
            right with { Artefact = new PolicyArtefact.PsbtInput(ByteString.From(psbt.ToBytes()), Batch.Of([Payment.Own, Payment.Foreign])) },
            "psbt_input_not_signable");
        Refuses(right with { Tweaks = Batch.Of<TweakList>([right.Tweaks[0], TweakList.None]) }, "tweak_mismatch");
        SeatSpecification.For(party.With(right)).When(new SeatRequest.Open(right)).ThenAccepted();

        void Refuses(SigningRequest wrong, string code) => SeatSpecification.For(party.With(right)).When(new SeatRequest.Open(wrong)).ThenRefused(code);
    }

    [Fact]
    public void Inputs_of_derived_addresses_are_signed_under_their_own_keys_and_D5_never_under_another_address_s()
    {
        Party party = Party.Of(2, 3);
        SigningRequest right = Payment.RequestForAll(party, Payment.OfDerived(party, derived: 2));
        Assert.Equal([3, 3, 1], right.Tweaks.Select(static list => list.Count));
        CoordinatorSpecification session =
            CoordinatorSpecification.For(party.With(right)).WhenSigned().WhenJoined(0).WhenJoined(2).WhenSharedBy(0).WhenSharedBy(2);
        Assert.True(party.With(right).Verifies(Assert.IsType<CoordinatorReply.Completed>(session.Reply).Signature));
        foreach (Batch<TweakList> wrong in (Batch<TweakList>[])
            [
                Batch.Of<TweakList>([right.Tweaks[1], right.Tweaks[0], right.Tweaks[2]]),
                right.Tweaks[2],
                Batch.Of<TweakList>([new TweakList(right.Tweaks[0].Take(2)), right.Tweaks[1], right.Tweaks[2]]),
                Batch.Of<TweakList>([new TweakList(right.Tweaks[0].Select(static tweak => tweak with { Mode = TweakMode.XOnly })), .. right.Tweaks[1..]]),
            ])
        {
            SeatSpecification.For(party.With(right)).When(new SeatRequest.Open(right with { Tweaks = wrong })).ThenRefused("tweak_mismatch");
        }
    }

    [Fact]
    public void A_request_has_room_for_the_tweaks_of_the_longest_path() =>
        Assert.Equal(TweakList.MaximumCount, Bitcoin.Addresses.DerivationPath.MaximumDepth + 1);

    [Fact]
    public void P1_Tweaks_of_their_own_take_room_in_the_messages_between_parties()
    {
        Party party = Party.Of(2, 2);
        TweakList derived = new(Party.Tweak(7), Party.Tweak(8, TweakMode.Plain), Party.Tweak(9));
        SigningRequest Of(int messages) => party.Request with
        {
            Message = Batch.Of(Enumerable.Repeat(Party.Hash("message"), messages)),
            Tweaks = Batch.Of(Enumerable.Repeat(derived, messages)),
        };
        CoordinatorSpecification.For(party.With(Of(6_000))).WhenSigned().ThenEvents(typeof(RoastEvent.SigningRequested), typeof(RoastEvent.AttemptProposed));
        CoordinatorSpecification.For(party.With(Of(9_000))).WhenSigned().ThenRefused("payment_too_large");
    }

    [Fact]
    public void D6_Everything_that_a_session_of_many_messages_writes_is_read_again()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(1, session.Signed(1, Batch.Of(Enumerable.Repeat(new Share(Party.Hash("bad")), 3))));
        session.WhenSharedBy(0).WhenJoined(0).WhenJoined(2).WhenSharedBy(0).WhenSharedBy(2);
        foreach (RoastEvent @event in session.History)
        {
            (string name, byte[] bytes) = RoastCodec.Events.Encode(@event);
            Assert.Equal(@event, RoastCodec.Events.Decode(name, bytes));
        }
    }

    [Theory]
    [InlineData("""{"attempt":"ATTEMPT","seat":0,"share":""}""")]
    [InlineData("""{"attempt":"ATTEMPT","seat":0,"share":"00"}""")]
    [InlineData("""{"attempt":"ATTEMPT","seat":0,"share":["SHARE"]}""")]
    [InlineData("""{"attempt":"ATTEMPT","seat":0,"share":"SHARE0"}""")]
    public void D6_A_batch_that_is_not_whole_values_is_unreadable(string text)
    {
        string filled = text.Replace("ATTEMPT", new string('0', 64), StringComparison.Ordinal).Replace("SHARE", new string('1', 64), StringComparison.Ordinal);
        Assert.Throws<UnreadableEventException>(() => RoastCodec.Events.Decode("roast.share-accepted.v1", Encoding.UTF8.GetBytes(filled)));
    }

    [Theory]
    [InlineData("""[[]]""")]
    [InlineData("""[[],{"value":"V","mode":"plain"}]""")]
    [InlineData("""[[[]],[]]""")]
    public void D6_Lists_of_tweaks_have_one_spelling(string tweaks)
    {
        string text = Encoding.UTF8.GetString(RoastCodec.Events.Encode(new RoastEvent.SigningRequested(_party.Request, 2, 3)).Bytes);
        int start = text.IndexOf("\"tweaks\":", StringComparison.Ordinal) + "\"tweaks\":".Length;
        int end = text.IndexOf(",\"artefact\"", StringComparison.Ordinal);
        string value = $"{new string('0', 63)}1";
        string spoiled = string.Concat(text.AsSpan(0, start), tweaks.Replace("V", value, StringComparison.Ordinal), text.AsSpan(end));
        Assert.Throws<UnreadableEventException>(() => RoastCodec.Events.Decode("roast.signing-requested.v1", Encoding.UTF8.GetBytes(spoiled)));
    }

    private static SigningPackage With(SigningPackage package, Batch<Commitment> own) => package with
    {
        Commitments = SeatCommitments.From(package.Commitments.Select(one => one.Seat == Party.Seat(0) ? (one.Seat, own) : one)),
    };

    /// <summary>Messages that all differ, under tweaks of which some are equal.</summary>
    private static Party Of(Party party, int messages) => party.With(new SigningRequest(
        party.Id,
        Batch.Of(Enumerable.Range(0, messages).Select(static message => Party.Hash($"message {message}"))),
        Batch.Shared(Enumerable.Range(0, messages).Select(static message => new TweakList(Party.Tweak((ulong)(message % 2) + 7)))),
        new PolicyArtefact.Raw()));
}
