using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.Tests.Session;

/// <summary>How a seat's session ends: by a signature or without.</summary>
public class EndTests
{
    private readonly Party _party = Party.Of(2, 3).WithTweaks(Party.Tweak(7));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_signature_completes_the_session_and_wipes_the_nonce(bool joined)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenOpen();
        seat = joined ? seat.GivenJoined(_party.Attempt(1)) : seat;
        seat.When(new SeatRequest.Complete(_party.Attempt(1), _party.Signature()))
            .Then(new SigningSessionEvent.AttemptAggregated(_party.Attempt(1), _party.Signature()))
            .ThenReplied(new SeatReply.Acknowledged())
            .ThenWipesNonce();
        Assert.Null(seat.Held);
    }

    [Fact]
    public void D4_An_aggregated_session_is_never_aggregated_again_now_and_after_a_restart()
    {
        AttemptContext attempt = _party.Attempt(1);
        Batch<Bytes64> signature = _party.Signature();
        SeatSpecification seat = SeatSpecification.For(_party).GivenOpen().When(new SeatRequest.Complete(attempt, signature));
        for (int restart = 0; restart < 2; restart++)
        {
            seat.When(new SeatRequest.Complete(attempt, signature)).ThenOnlyReplied(new SeatReply.Acknowledged());
            seat.When(new SeatRequest.Complete(_party.Attempt(2), signature)).ThenRefused("attempt_already_aggregated");
            seat.When(new SeatRequest.Complete(attempt, default(Bytes64))).ThenRefused("attempt_already_aggregated");
            seat.When(new SeatRequest.Commit(_party.Attempt(3))).ThenRefused("attempt_already_aggregated");
            seat.When(new SeatRequest.Abort(AbortReason.Requested)).ThenRefused("attempt_already_aggregated");
            seat.WhenSigning(_party.Package(_party.Attempt(3), Party.Seat(0), default(Commitment))).ThenRefused("attempt_already_aggregated");
            seat.Restarted();
        }
    }

    public static TheoryData<string> ForeignSignatures => ["message", "tweak", "no tweaks", "group", "a flipped bit", "zero"];

    [Theory]
    [MemberData(nameof(ForeignSignatures))]
    public void D5_A_signature_for_anything_else_completes_nothing(string foreign)
    {
        Bytes64 signature = foreign switch
        {
            "message" => _party.Signature(_party.Request with { Message = Party.Hash("another") }).Single,
            "tweak" => _party.Signature(_party.Request with { Tweaks = new TweakList(Party.Tweak(8)) }).Single,
            "no tweaks" => _party.Signature(_party.Request with { Tweaks = TweakList.None }).Single,
            "group" => Party.Of(2, 3, "another").WithTweaks(Party.Tweak(7)).Signature().Single,
            "a flipped bit" => Flipped(_party.Signature().Single),
            _ => default,
        };
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        seat.When(new SeatRequest.Complete(_party.Attempt(1), signature)).ThenRefused("signature_invalid");
        seat.WhenSigning(seat.Package()).ThenAccepted();
    }

    [Fact]
    public void D5_Completion_is_bound_to_an_attempt_of_this_session()
    {
        AttemptContext right = _party.Attempt(1);
        SeatSpecification seat = SeatSpecification.For(_party).GivenOpen();
        seat.When(new SeatRequest.Complete(right with { Number = 2 }, _party.Signature())).ThenRefused("attempt_id_mismatch");
        seat.When(new SeatRequest.Complete(right with { Included = Party.Seats(0, 1) }, _party.Signature())).ThenRefused("attempt_id_mismatch");
        seat.When(new SeatRequest.Complete(_party.Attempt(1, 1, 2), _party.Signature())).ThenRefused("attempt_context_invalid");
        seat.When(new SeatRequest.Complete(_party.Attempt(1, 0), _party.Signature())).ThenRefused("attempt_context_invalid");
    }

    [Theory]
    [InlineData(AbortReason.Requested)]
    [InlineData(AbortReason.Expired)]
    public void An_abort_ends_the_session_for_good_and_wipes_the_nonce(AbortReason reason)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage package = seat.Package();
        seat.When(new SeatRequest.Abort(reason)).Then(new SigningSessionEvent.SessionAborted(reason))
            .ThenReplied(new SeatReply.Acknowledged()).ThenWipesNonce();
        Assert.Null(seat.Held);
        seat.When(new SeatRequest.Abort(AbortReason.Requested)).ThenOnlyReplied(new SeatReply.Acknowledged());
        seat.WhenSigning(package).ThenRefused("session_aborted");
        seat.When(new SeatRequest.Commit(_party.Attempt(2))).ThenRefused("session_aborted");
        seat.When(new SeatRequest.Open(_party.Request)).ThenRefused("session_aborted");
        seat.When(new SeatRequest.Complete(_party.Attempt(1), _party.Signature())).ThenRefused("session_aborted");
    }

    [Fact]
    public void Nothing_ends_a_session_that_never_began() =>
        SeatSpecification.For(_party)
            .When(new SeatRequest.Complete(_party.Attempt(1), _party.Signature())).ThenRefused("session_not_found")
            .When(new SeatRequest.Abort(AbortReason.Expired)).ThenRefused("session_not_found");

    [Fact]
    public void A_session_is_open_until_it_ends()
    {
        Func<SessionState, bool> isOpen = SigningSessionDecider.Decider.IsOpen;
        SeatSpecification seat = SeatSpecification.For(_party);
        Assert.False(isOpen(seat.State));
        Assert.True(isOpen(seat.GivenOpen().State));
        Assert.True(isOpen(seat.GivenJoined(_party.Attempt(1)).State));
        Assert.False(isOpen(seat.When(new SeatRequest.Abort(AbortReason.Expired)).State));
        Assert.Empty(SigningSessionDecider.Decider.Resume(seat.State));
    }

    private static Bytes64 Flipped(Bytes64 signature)
    {
        byte[] bytes = signature.AsSpan().ToArray();
        bytes[63] ^= 1;
        return FixedBytes.From<Bytes64>(bytes);
    }
}
