using System.Collections.Immutable;
using SignerCluster.Frost;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Tests.Harness;

namespace SignerCluster.Protocol.Tests.Exploration;

/// <summary>A message that was sent and not delivered yet: to a seat, or from it when there are answers.</summary>
internal sealed record Undelivered(SeatId Seat, IReadOnlyList<SeatRequest>? Requests, IReadOnlyList<SeatAnswer>? Answers);

/// <summary>
/// One session in a small world: the real coordinator, real seats, and a bag of undelivered messages. Immutable, so that an explorer can
/// branch; every step checks what must always hold.
/// </summary>
internal sealed record World(
    Party Party,
    ImmutableArray<SeatBehaviour> Behaviours,
    ImmutableArray<SeatRunner> Seats,
    ImmutableList<Undelivered> Bag,
    ImmutableList<RoastEvent> History,
    CoordinatorState State,
    ReleasedShares Released)
{
    internal static World Start(Party party, params IEnumerable<SeatBehaviour> behaviours)
    {
        ImmutableArray<SeatBehaviour> all = [.. behaviours];
        Assert.Equal(party.Group.Participants, all.Length);
        World world = new(
            party,
            all,
            [.. Enumerable.Range(0, all.Length).Select(seat => SeatRunner.Start(party, seat))],
            [],
            [],
            RoastDecider.Initial(party.Coordinator),
            ReleasedShares.None);
        return world.Command(new CoordinatorCommand.Sign(party.Request));
    }

    internal bool HasEnded => State is not CoordinatorState.Running;

    internal SeatSet Honest => SeatSet.Of([.. Party.Group.Seats.Where(seat => Behaviours[seat.Value] == SeatBehaviour.Honest)]);

    internal World Deliver(int index)
    {
        Undelivered message = Bag[index];
        World without = this with { Bag = Bag.RemoveAt(index) };
        return message.Answers is { } answers
            ? without.Command(new CoordinatorCommand.SeatAnswered(message.Seat, answers))
            : without.AskSeat(message.Seat, message.Requests!);
    }

    internal World Duplicate(int index) => this with { Bag = Bag.Add(Bag[index]) };

    internal World Drop(int index) => this with { Bag = Bag.RemoveAt(index) };

    internal World RestartSeat(int seat) => this with { Seats = Seats.SetItem(seat, Seats[seat].Restarted) };

    /// <summary>The coordinator dies between an append and its effects, and the network forgets all else.</summary>
    internal World LoseEverythingInFlight() => (this with { Bag = [] }).RestartCoordinator();

    /// <summary>The coordinator's process dies with everything it had in flight in its memory, and another one reads the journal.</summary>
    internal World RestartCoordinator()
    {
        CoordinatorState reloaded = CoordinatorSpecification.Reload(Party, History);
        return (this with { State = reloaded }).Send(RoastDecider.Resume(reloaded));
    }

    private World AskSeat(SeatId seat, IReadOnlyList<SeatRequest> requests)
    {
        (IReadOnlyList<SeatAnswer> honest, SeatRunner after) = Seats[seat.Value].Answer(requests);
        World world = this with { Seats = Seats.SetItem(seat.Value, after), Released = Released.With(after) };
        IReadOnlyList<SeatAnswer>? said = Behaviours[seat.Value].Distort(requests, honest);
        return said is null ? world : world with { Bag = world.Bag.Add(new Undelivered(seat, null, said)) };
    }

    private World Command(CoordinatorCommand command)
    {
        var decision = RoastDecider.Decide(State, new CoordinatorAsked(command, Party.Standing));
        var accepted = Assert.IsType<Decision<RoastEvent, CoordinatorEffect, CoordinatorReply>.Accepted>(decision);
        World after = this with
        {
            History = History.AddRange(accepted.Events),
            State = accepted.Events.Aggregate(State, RoastDecider.Decider.Evolve),
        };
        after.CheckAlways();
        return after.Send(accepted.Effects);
    }

    private World Send(IReadOnlyList<CoordinatorEffect> effects) => this with
    {
        Bag = Bag.AddRange(effects.Select(static effect => effect switch
        {
            CoordinatorEffect.AskSeat ask => new Undelivered(ask.Seat.Seat, ask.Requests, null),
            CoordinatorEffect.TellSeat tell => new Undelivered(tell.Seat.Seat, [tell.Request], null),
            _ => null,
        }).OfType<Undelivered>()),
    };

    private void CheckAlways()
    {
        SeatRoster roster = ((CoordinatorState.Accepted)State).Roster;
        TranscriptTwin twin = TranscriptTwin.Of(History);
        int most = Party.Group.Participants - Party.Group.Threshold + 1;
        Assert.True(twin.MostLive <= most, $"A3: {twin.MostLive} attempts were live, {most} may be.");
        Assert.Null(twin.SeatInTwoAttempts);
        Assert.True(twin.Completions <= 1, "D4: completed more than once.");
        foreach (SeatId convicted in roster.Convicted)
        {
            Assert.True(Behaviours[convicted.Value] == SeatBehaviour.Lying, $"A5: seat {convicted} is honest and was convicted.");
        }
    }
}
