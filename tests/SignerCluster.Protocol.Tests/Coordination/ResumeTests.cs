using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Coordination;

/// <summary>What a coordinator that was reloaded asks again.</summary>
public class ResumeTests
{
    private readonly Party _party = Party.Of(2, 4);

    [Fact]
    public void Nothing_is_owed_before_the_session()
    {
        CoordinatorSpecification.For(_party).ThenResumes();
    }

    [Fact]
    public void Every_idle_seat_is_shown_the_session_and_asked_for_a_commitment()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        session.ThenResumes((0, session.OpenAndCommit), (1, session.OpenAndCommit), (2, session.OpenAndCommit), (3, session.OpenAndCommit));
    }

    [Fact]
    public void A_responsive_seat_owes_nothing_and_a_signing_seat_its_share()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenJoined(2);
        SigningPackage package = session.PackageOf(0);
        session.ThenResumes((0, session.SignAndCommit(package)), (1, session.SignAndCommit(package)), (3, session.OpenAndCommit));
        session.WhenSharedBy(1).ThenResumes((0, session.SignAndCommit(package)), (1, session.OpenAndCommit), (3, session.OpenAndCommit));
    }

    [Fact]
    public void Convicted_and_resting_seats_and_those_too_few_for_an_attempt_are_left_alone()
    {
        CoordinatorSpecification session = CoordinatorSpecification.For(_party).WhenSigned();
        for (int drop = 0; drop <= SeatRoster.DropOutAllowance; drop++)
        {
            session.WhenRefused(3, session.Collecting.Id, "nonce_lost");
        }

        session.WhenJoined(0).WhenJoined(1);
        session.WhenAnswered(1, session.Signed(1, new Share(Party.Hash("bad"))));
        SigningPackage package = session.PackageOf(0);
        session.ThenResumes((0, session.SignAndCommit(package)));
    }
}
