using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>Pitfall 35: the coordinator dies after any of its decisions, before anything of it was sent.</summary>
public class CrashTests
{
    public static TheoryData<int, int, string> Groups => new()
    {
        { 2, 3, "Honest Honest Honest" },
        { 2, 3, "Lying Honest Honest" },
        { 2, 3, "Honest Withholding Honest" },
        { 3, 5, "Lying Honest Withdrawing Honest Honest" },
        { 3, 5, "Silent Declining Honest Honest Honest" },
        { 3, 5, "Uncommitted Malformed Honest Honest Honest" },
    };

    [Theory]
    [MemberData(nameof(Groups))]
    public void Pitfall_35_A_crash_after_any_one_decision_is_survived(int threshold, int participants, string behaviours)
    {
        World start = Start(threshold, participants, behaviours);
        int decisions = AssertCompletes(start, static _ => false);
        Assert.True(decisions > 3);
        for (int crash = 0; crash <= decisions; crash++)
        {
            AssertCompletes(start, decision => decision == crash);
        }
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void Pitfall_35_A_crash_after_every_decision_is_survived(int threshold, int participants, string behaviours) =>
        AssertCompletes(Start(threshold, participants, behaviours), static _ => true);

    [Theory]
    [MemberData(nameof(Groups))]
    public void D4_A_reloaded_coordinator_asks_for_exactly_what_the_living_one_would(int threshold, int participants, string behaviours)
    {
        World world = Start(threshold, participants, behaviours);
        while (!world.HasEnded && !world.Bag.IsEmpty)
        {
            world = world.Deliver(0);
            Assert.Equal(Texts(RoastDecider.Resume(world.State)), Texts(RoastDecider.Resume(CoordinatorSpecification.Reload(world.Party, world.History))));
        }
    }

    private static World Start(int threshold, int participants, string behaviours) =>
        World.Start(Party.Of(threshold, participants), behaviours.Split(' ').Select(Enum.Parse<SeatBehaviour>));

    private static IEnumerable<string> Texts(IEnumerable<CoordinatorEffect> effects) =>
        effects.Cast<CoordinatorEffect.AskSeat>().Select(static ask => $"{ask.Seat} {string.Join(" | ", ask.Requests)}");

    private static int AssertCompletes(World world, Func<int, bool> crashes)
    {
        int decisions = 0;
        world = crashes(0) ? world.LoseEverythingInFlight() : world;
        while (!world.HasEnded)
        {
            Assert.False(world.Bag.IsEmpty, "Nothing is under way and nothing is signed.");
            Assert.True(decisions < 1_000, "The session goes round in circles.");
            bool isDecision = world.Bag[0].Answers is not null;
            world = world.Deliver(0);
            if (isDecision && crashes(++decisions) && !world.HasEnded)
            {
                world = world.LoseEverythingInFlight();
            }
        }

        Assert.True(world.Party.Verifies(Assert.IsType<CoordinatorState.Completed>(world.State).Signature));
        Assert.Single(world.History.OfType<RoastEvent.SessionCompleted>());
        return decisions;
    }
}
