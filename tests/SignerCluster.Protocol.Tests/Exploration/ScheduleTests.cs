using System.Globalization;
using SignerCluster.Frost;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.SigningSession;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>The real deciders under many schedules. A failure prints the seed that repeats it.</summary>
public class ScheduleTests
{
    private static readonly SeatBehaviour[] _faults = [.. Enum.GetValues<SeatBehaviour>().Where(static behaviour => behaviour != SeatBehaviour.Honest)];

    [Theory]
    [InlineData(1, 1, 20)]
    [InlineData(1, 2, 40)]
    [InlineData(2, 2, 40)]
    [InlineData(2, 3, 150)]
    [InlineData(3, 3, 40)]
    [InlineData(2, 4, 50)]
    [InlineData(3, 4, 50)]
    [InlineData(3, 5, 100)]
    [InlineData(2, 5, 50)]
    [InlineData(4, 5, 30)]
    [InlineData(11, 15, 3)]
    public void A3_A4_A5_D4_N1_Any_n_minus_t_faulty_seats_under_any_schedule(int threshold, int participants, int seeds)
    {
        for (int seed = 0; seed < seeds; seed++)
        {
            try
            {
                Explore(Party.Of(threshold, participants), seed);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"{threshold}-of-{participants}, seed {seed}: {failure.Message}"), failure);
            }
        }
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 5)]
    public void Pitfall_33_One_more_silent_seat_gives_no_signature_and_no_false_success(int threshold, int participants)
    {
        Party party = Party.Of(threshold, participants);
        for (int seed = 0; seed < 20; seed++)
        {
            int silent = participants - threshold + 1;
            IEnumerable<SeatBehaviour> behaviours = Enumerable.Range(0, participants)
                .Select(seat => seat < silent ? (seat % 2 == 0 ? SeatBehaviour.Silent : SeatBehaviour.Withholding) : SeatBehaviour.Honest);
            World world = new RandomSchedule(seed, 15).Run(World.Start(party, behaviours));
            Assert.True(world.State is CoordinatorState.Running, $"seed {seed}");
            Assert.Empty(world.History.OfType<RoastEvent.SessionCompleted>());
        }
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(3, 5)]
    public void A4_Faulty_seats_that_are_always_faster_than_honest_ones_cannot_stop_the_session(int threshold, int participants)
    {
        Party party = Party.Of(threshold, participants);
        foreach (SeatBehaviour fault in _faults)
        {
            World world = World.Start(party, Enumerable.Range(0, participants).Select(seat => seat < participants - threshold ? fault : SeatBehaviour.Honest));
            for (int step = 0; !world.HasEnded && !world.Bag.IsEmpty; step++)
            {
                Assert.True(step < 5_000, $"{fault} seats keep the session busy for ever");
                int fastest = world.Bag.FindIndex(message => world.Behaviours[message.Seat.Value] != SeatBehaviour.Honest);
                world = world.Deliver(Math.Max(fastest, 0));
            }

            AssertEnd(world);
        }
    }

    private static void Explore(Party party, int seed)
    {
        Random random = new(seed);
        int faulty = random.Next(party.Group.Participants - party.Group.Threshold + 1);
        SeatBehaviour[] behaviours = new SeatBehaviour[party.Group.Participants];
        foreach (int seat in Enumerable.Range(0, behaviours.Length).OrderBy(_ => random.Next()).Take(faulty))
        {
            behaviours[seat] = _faults[random.Next(_faults.Length)];
        }

        RandomSchedule schedule = new(seed, mischief: random.Next(40));
        World world = schedule.Run(World.Start(party, behaviours));
        AssertEnd(world);
        World drained = schedule.Drain(world);
        Assert.Equal(world.History.Count, drained.History.Count);
        // A last word that overtakes the first one finds no session; such a seat is left to its expiry.
        foreach (SeatId seat in world.Honest.Where(seat => world.Seats[seat.Value].State is not SessionState.Absent))
        {
            Assert.True(drained.Seats[seat.Value].State is SessionState.Completed, $"honest seat {seat} was not completed");
        }
    }

    private static void AssertEnd(World world)
    {
        CoordinatorState.Completed done = Assert.IsType<CoordinatorState.Completed>(world.State);
        Assert.True(world.Party.Verifies(done.Signature), "D4: the signature does not verify.");
        Assert.Single(world.History.OfType<RoastEvent.SessionCompleted>());
        Assert.All(world.History.OfType<RoastEvent.SeatConvicted>(), convicted => Assert.True(convicted.Certificate.Proves(world.Party.Group)));
    }
}
