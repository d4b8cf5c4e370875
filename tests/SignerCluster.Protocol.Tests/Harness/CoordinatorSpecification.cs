using System.Collections.Immutable;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using Decision = SignerCluster.Protocol.Decision<SignerCluster.Protocol.RoastCoordinator.RoastEvent, SignerCluster.Protocol.RoastCoordinator.CoordinatorEffect, SignerCluster.Protocol.RoastCoordinator.CoordinatorReply>;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>Given, when, then for the coordinator of one session.</summary>
internal sealed class CoordinatorSpecification(Party party)
{
    private Decision? _decision;

    internal Party Party => party;

    internal Standing Standing { get; private set; } = party.Standing;

    internal ImmutableList<RoastEvent> History { get; private set; } = [];

    internal CoordinatorState State { get; private set; } = RoastDecider.Initial(party.Coordinator);

    internal SeatRoster Roster => Assert.IsType<CoordinatorState.Accepted>(State, exactMatch: false).Roster;

    internal AttemptContext Collecting => Roster.Collecting;

    internal IReadOnlyList<CoordinatorEffect> Effects => Assert.IsType<Decision.Accepted>(_decision).Effects;

    internal IReadOnlyList<RoastEvent> Events => Assert.IsType<Decision.Accepted>(_decision).Events;

    internal CoordinatorReply Reply => Assert.IsType<Decision.Accepted>(_decision).Reply;

    internal static CoordinatorSpecification For(Party party) => new(party);

    internal static CoordinatorState Reload(Party party, IEnumerable<RoastEvent> history) =>
        history.Aggregate(RoastDecider.Initial(party.Coordinator), RoastDecider.Decider.Evolve);

    internal CoordinatorSpecification Given(params IEnumerable<RoastEvent> events)
    {
        History = History.AddRange(events);
        State = Reload(party, History);
        return this;
    }

    internal CoordinatorSpecification Knowing(Func<Standing, Standing> change)
    {
        Standing = change(Standing);
        return this;
    }

    internal CoordinatorSpecification When(CoordinatorCommand command)
    {
        _decision = RoastDecider.Decide(State, new CoordinatorAsked(command, Standing));
        return _decision is Decision.Accepted accepted ? Given(accepted.Events) : this;
    }

    internal CoordinatorSpecification WhenSigned() => When(new CoordinatorCommand.Sign(party.Request));

    internal CoordinatorSpecification WhenAnswered(int seat, params SeatAnswer[] answers) =>
        When(new CoordinatorCommand.SeatAnswered(Party.Seat(seat), answers));

    /// <summary>The seat commits to the attempt that collects.</summary>
    internal CoordinatorSpecification WhenJoined(int seat) => WhenAnswered(seat, Joined(seat));

    /// <summary>The seat sends the right share for the attempt that it owes one.</summary>
    internal CoordinatorSpecification WhenSharedBy(int seat) => WhenAnswered(seat, Signed(seat));

    internal CoordinatorSpecification WhenRefused(int seat, AttemptId? about, string code, bool terminal = false) =>
        WhenAnswered(seat, new SeatAnswer.Refused(about, terminal ? Refusal.Terminal(code, code) : Refusal.Recoverable(code, code)));

    internal SeatAnswer Joined(int seat) => new SeatAnswer.Granted(new SeatReply.Joined(Collecting.Id, party.Commitment(Collecting, Party.Seat(seat))));

    internal SeatAnswer Signed(int seat, Batch<Share>? share = null)
    {
        SigningPackage package = PackageOf(seat);
        return new SeatAnswer.Granted(new SeatReply.Signed(package.Attempt.Id, share ?? party.ShareOf(package, seat)));
    }

    /// <summary>The package that the seat owes a share for.</summary>
    internal SigningPackage PackageOf(int seat) => Roster.Issued[Assert.IsType<SeatStanding.Signing>(Roster[Party.Seat(seat)]).Attempt].Package;

    internal CoordinatorSpecification Then(params RoastEvent[] events)
    {
        Assert.Equal(events, Events);
        return this;
    }

    internal CoordinatorSpecification ThenEvents(params Type[] types)
    {
        Assert.Equal(types, Events.Select(static @event => @event.GetType()));
        return this;
    }

    internal CoordinatorSpecification ThenReplied(CoordinatorReply reply)
    {
        Assert.Equal(reply, Reply);
        return this;
    }

    internal CoordinatorSpecification ThenRefused(string code)
    {
        Assert.Equal(code, Assert.IsType<Decision.Refused>(_decision).Refusal.Code);
        return this;
    }

    internal CoordinatorSpecification ThenNothing()
    {
        Assert.Empty(Effects);
        return Then();
    }

    internal CoordinatorSpecification ThenAsks(params (int Seat, SeatRequest[] Requests)[] asks)
    {
        AssertAsks(asks, Effects);
        return this;
    }

    internal CoordinatorSpecification ThenNoMoreAsks(int seat)
    {
        CoordinatorEffect[] all = [.. Effects, .. RoastDecider.Resume(State)];
        Assert.DoesNotContain(party.Address(seat), all.OfType<CoordinatorEffect.AskSeat>().Select(static ask => ask.Seat));
        return this;
    }

    internal CoordinatorSpecification ThenResumes(params (int Seat, SeatRequest[] Requests)[] asks)
    {
        AssertAsks(asks, RoastDecider.Resume(Reload(party, History)));
        return this;
    }

    internal SeatRequest[] OpenAndCommit => [new SeatRequest.Open(party.Request), new SeatRequest.Commit(Collecting)];

    internal SeatRequest[] SignAndCommit(SigningPackage package) => [new SeatRequest.SignShare(package), new SeatRequest.Commit(Collecting)];

    private void AssertAsks((int Seat, SeatRequest[] Requests)[] expected, IReadOnlyList<CoordinatorEffect> effects)
    {
        Assert.Equal(expected.Select(ask => party.Address(ask.Seat)), effects.Select(static effect => Assert.IsType<CoordinatorEffect.AskSeat>(effect).Seat));
        foreach (((_, SeatRequest[] requests), CoordinatorEffect effect) in expected.Zip(effects))
        {
            Assert.Equal(requests, ((CoordinatorEffect.AskSeat)effect).Requests);
        }
    }
}
