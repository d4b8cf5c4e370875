using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>Every schedule of the smallest groups.</summary>
public class ExhaustiveTests
{
    [Theory]
    [InlineData(1, 1, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(2, 2, 1)]
    [InlineData(2, 3, 0)]
    public void Pitfall_32_Every_schedule_of_honest_seats_completes(int threshold, int participants, int mishaps) =>
        Explore(Party.Of(threshold, participants), mishaps, [.. Enumerable.Repeat(SeatBehaviour.Honest, participants)]);

    [Theory]
    [InlineData(nameof(SeatBehaviour.Silent))]
    [InlineData(nameof(SeatBehaviour.Withholding))]
    [InlineData(nameof(SeatBehaviour.Lying))]
    [InlineData(nameof(SeatBehaviour.Declining))]
    [InlineData(nameof(SeatBehaviour.Malformed))]
    public void Pitfall_32_Every_schedule_with_one_faulty_seat_of_three_completes(string fault) =>
        Explore(Party.Of(2, 3), 0, SeatBehaviour.Honest, SeatBehaviour.Honest, Enum.Parse<SeatBehaviour>(fault));

    private static void Explore(Party party, int mishaps, params SeatBehaviour[] behaviours)
    {
        EverySchedule every = new(static world =>
        {
            CoordinatorState.Completed done = Assert.IsType<CoordinatorState.Completed>(world.State);
            Assert.True(world.Party.Verifies(done.Signature));
        });
        every.Visit(World.Start(party, behaviours), mishaps);
        Assert.True(every.Ends > 0);
    }
}
