using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;
using Decision = SignerCluster.Protocol.Decision<
    SignerCluster.Protocol.SigningSession.SigningSessionEvent, SignerCluster.Protocol.SigningSession.SessionEffect, SignerCluster.Protocol.Seats.SeatReply>;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>Given events, when a request, then events, a reply or a refusal: for the session of one seat.</summary>
internal sealed class SeatSpecification(Party party, int seat = 0)
{
    private SeatRunner _runner = SeatRunner.Start(party, seat);
    private Decision? _decision;

    internal Party Party => party;

    internal SeatId Seat => Party.Seat(seat);

    internal SessionState State => _runner.State;

    internal IReadOnlyList<SigningSessionEvent> History => _runner.History;

    internal HeldNonce? Held => _runner.Keeper.Held;

    internal static SeatSpecification For(Party party, int seat = 0) => new(party, seat);

    /// <summary>History without any nonce: what a restarted node has.</summary>
    internal SeatSpecification Given(params SigningSessionEvent[] events)
    {
        IEnumerable<SigningSessionEvent> history = _runner.History.Concat(events);
        _runner = (_runner with { History = [.. history] }).Restarted;
        return this;
    }

    internal SeatSpecification GivenOpen() => Given(new SigningSessionEvent.SessionOpened(party.Request));

    /// <summary>An open session that joined the attempt and still has its nonce.</summary>
    internal SeatSpecification GivenJoined(AttemptContext attempt)
    {
        if (_runner.State is SessionState.Absent)
        {
            GivenOpen();
        }

        When(new SeatRequest.Commit(attempt)).ThenAccepted();
        return this;
    }

    internal SeatSpecification Knowing(Func<Standing, Standing> change)
    {
        _runner = _runner with { Standing = change(_runner.Standing) };
        return this;
    }

    internal SeatSpecification Holding(HeldNonce? held)
    {
        _runner = _runner with { Keeper = _runner.Keeper with { Held = held } };
        return this;
    }

    internal SeatSpecification Restarted()
    {
        _runner = _runner.Restarted;
        return this;
    }

    internal SeatSpecification When(SeatRequest request)
    {
        (_decision, _runner) = _runner.Ask(request);
        return this;
    }

    internal SeatSpecification WhenSigning(SigningPackage package) => When(new SeatRequest.SignShare(package));

    internal SeatSpecification Then(params SigningSessionEvent[] events)
    {
        Assert.Equal(events, Assert.IsType<Decision.Accepted>(_decision).Events);
        return this;
    }

    internal SeatSpecification ThenAccepted()
    {
        Assert.True(_decision is Decision.Accepted, (_decision as Decision.Refused)?.Refusal.ToString());
        return this;
    }

    internal SeatSpecification ThenReplied(SeatReply reply)
    {
        Assert.Equal(reply, Assert.IsType<Decision.Accepted>(_decision).Reply);
        return this;
    }

    /// <summary>A repetition: the answer comes from the history, and nothing is written or done.</summary>
    internal SeatSpecification ThenOnlyReplied(SeatReply reply)
    {
        Assert.Empty(Assert.IsType<Decision.Accepted>(_decision).Effects);
        return Then().ThenReplied(reply);
    }

    internal SeatSpecification ThenWipesNonce()
    {
        Assert.Equal([new SessionEffect.WipeNonce(party.Address(seat))], Assert.IsType<Decision.Accepted>(_decision).Effects);
        return this;
    }

    internal SeatSpecification ThenRefused(string code)
    {
        Assert.Equal(code, Assert.IsType<Decision.Refused>(_decision).Refusal.Code);
        return this;
    }

    /// <summary>Refused, with these events as evidence; none for a refusal that writes nothing.</summary>
    internal SeatSpecification ThenRefusedKeeping(string code, params SigningSessionEvent[] events)
    {
        Assert.Equal(events, Assert.IsType<Decision.Refused>(_decision).Events);
        return ThenRefused(code);
    }

    internal SeatSpecification ThenRefused(string code, string evidence, string value)
    {
        Assert.Equal(value, Assert.IsType<Decision.Refused>(_decision).Refusal.Evidence[evidence]);
        return ThenRefused(code);
    }

    internal SeatReply Reply => Assert.IsType<Decision.Accepted>(_decision).Reply;

    /// <summary>The live commitment of the seat.</summary>
    internal Batch<Commitment> Commitment => Assert.IsType<SessionState.Joined>(_runner.State).Commitment;

    /// <summary>A package that is right for the live attempt.</summary>
    internal SigningPackage Package(params int[] signers)
    {
        SessionState.Joined live = Assert.IsType<SessionState.Joined>(_runner.State);
        return party.Package(live.Attempt, Seat, live.Commitment, signers);
    }
}
