using System.Diagnostics;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Codecs;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Coordination;

/// <summary>The phases of a coordinated session, and the arrows that its diagram does not have.</summary>
public class CoordinatorStateDiagramTests
{
    private static readonly Party _party = Party.Of(2, 3);

    public static TheoryData<string, string> EveryPair
    {
        get
        {
            TheoryData<string, string> pairs = [];
            foreach (string phase in (string[])["Absent", "Running", "Completed", "Failed"])
            {
                foreach (string storedName in Samples.OfRoast.Keys)
                {
                    pairs.Add(phase, storedName);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(EveryPair))]
    public void An_event_of_another_phase_is_never_folded(string phase, string storedName)
    {
        bool isArrow = (phase, storedName) switch
        {
            ("Absent", "roast.signing-requested.v1") => true,
            ("Running", not "roast.signing-requested.v1") => true,
            _ => false,
        };
        if (!isArrow)
        {
            Assert.Throws<UnreachableException>(() => RoastDecider.Decider.Evolve(In(phase).State, Samples.OfRoast[storedName]));
        }
    }

    [Fact]
    public void The_transcript_outlives_the_end()
    {
        Assert.Single(In("Completed").Roster.Issued);
        Assert.Equal(2, In("Completed").Roster.Proposed.Length);
        Assert.Equal(_party.Attempt(1), Assert.IsType<CoordinatorState.Completed>(In("Completed").State).Attempt);
        Assert.Single(In("Failed").Roster.Proposed);
    }

    private static CoordinatorSpecification In(string phase) => phase switch
    {
        "Absent" => CoordinatorSpecification.For(_party),
        "Running" => CoordinatorSpecification.For(_party).WhenSigned(),
        "Completed" => CoordinatorSpecification.For(_party).WhenSigned().WhenJoined(0).WhenJoined(1).WhenSharedBy(0).WhenSharedBy(1),
        _ => CoordinatorSpecification.For(_party).WhenSigned().When(new CoordinatorCommand.Abort(AbortReason.Requested)),
    };
}
