using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Session;

/// <summary>A7: two packages of one attempt are evidence against their coordinator, kept where the second was refused.</summary>
public class EquivocationTests
{
    private readonly Party _party = Party.Of(3, 5).WithTweaks(Party.Tweak(7));

    public static TheoryData<string> SecondPackages => ["other signers", "another commitment", "another message", "other tweaks", "no commitments"];

    [Theory]
    [MemberData(nameof(SecondPackages))]
    public void A7_Another_package_of_a_signed_attempt_is_refused_and_kept_as_evidence(string difference)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage first = seat.Package(0, 1, 2);
        SigningPackage second = Another(seat, first, difference);
        seat.WhenSigning(first).ThenAccepted();
        seat.WhenSigning(second).ThenRefusedKeeping("consumed_nonce_replay", new SigningSessionEvent.EquivocationSeen(first.ComputeHash(), second));
    }

    [Theory]
    [InlineData("open")]
    [InlineData("restarted")]
    [InlineData("joined to a newer attempt")]
    [InlineData("completed")]
    [InlineData("aborted")]
    public void A7_The_evidence_is_kept_once_for_an_attempt_and_the_recorded_share_is_still_served(string later)
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage first = seat.Package(0, 1, 2);
        SigningPackage second = seat.Package(0, 1, 3);
        SigningPackage third = seat.Package(0, 1, 4);
        seat.WhenSigning(first).ThenAccepted();
        SeatReply recorded = seat.Reply;
        MoveOn(seat, later);
        Type phase = seat.State.GetType();

        seat.WhenSigning(second).ThenRefusedKeeping("consumed_nonce_replay", new SigningSessionEvent.EquivocationSeen(first.ComputeHash(), second));
        Assert.IsType(phase, seat.State);
        seat.WhenSigning(second).ThenRefusedKeeping("consumed_nonce_replay");
        seat.WhenSigning(third).ThenRefusedKeeping("consumed_nonce_replay");
        seat.WhenSigning(first).ThenOnlyReplied(recorded);
        seat.Restarted().WhenSigning(second).ThenRefusedKeeping("consumed_nonce_replay");
        seat.WhenSigning(first).ThenOnlyReplied(recorded);
        Assert.Single(seat.History.OfType<SigningSessionEvent.EquivocationSeen>());
    }

    [Fact]
    public void A7_A_live_commitment_survives_evidence_against_an_older_attempt()
    {
        SeatSpecification seat = SeatSpecification.For(_party).GivenJoined(_party.Attempt(1));
        SigningPackage first = seat.Package(0, 1, 2);
        SigningPackage second = seat.Package(0, 1, 3);
        seat.WhenSigning(first).ThenAccepted();
        seat.GivenJoined(_party.Attempt(2)).WhenSigning(second).ThenRefused("consumed_nonce_replay");
        seat.WhenSigning(seat.Package()).ThenAccepted();
    }

    [Fact]
    public void A8_Evidence_is_kept_for_so_many_attempts_and_no_more_and_the_first_stays()
    {
        SeatSpecification seat = SeatSpecification.For(_party);
        for (int number = 1; number <= ConsumedMarkers.EquivocationCapacity + 1; number++)
        {
            seat.GivenJoined(_party.Attempt(number));
            SigningPackage first = seat.Package(0, 1, 2);
            SigningPackage second = seat.Package(0, 1, 3);
            seat.WhenSigning(first).ThenAccepted();
            seat.WhenSigning(second).ThenRefused("consumed_nonce_replay");
        }

        SigningSessionEvent.EquivocationSeen[] kept = [.. seat.History.OfType<SigningSessionEvent.EquivocationSeen>()];
        Assert.Equal(Enumerable.Range(1, ConsumedMarkers.EquivocationCapacity), kept.Select(static seen => seen.Second.Attempt.Number));
    }

    private static void MoveOn(SeatSpecification seat, string later) => _ = later switch
    {
        "open" => seat,
        "restarted" => seat.Restarted(),
        "joined to a newer attempt" => seat.GivenJoined(seat.Party.Attempt(2)),
        "completed" => seat.When(new SeatRequest.Complete(seat.Party.Attempt(1), seat.Party.Signature())).ThenAccepted(),
        _ => seat.When(new SeatRequest.Abort(AbortReason.Expired)).ThenAccepted(),
    };

    private SigningPackage Another(SeatSpecification seat, SigningPackage first, string difference) => difference switch
    {
        "other signers" => seat.Package(0, 1, 3),
        "another commitment" => first with
        {
            Commitments = SeatCommitments.From(
                first.Commitments.Select(entry => entry.Seat == Party.Seat(1) ? (entry.Seat, _party.Commitment(first.Attempt, entry.Seat, 9)) : entry)),
        },
        "another message" => first with { Message = Party.Hash("another") },
        "other tweaks" => first with { Tweaks = TweakList.None },
        _ => first with { Commitments = SeatCommitments.From([]) },
    };
}
