using System.Collections.Immutable;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.SigningSession;

namespace SignerCluster.Protocol.Tests.Harness;

/// <summary>One seat as a node would run it: the real decider, its history, and a fake keeper of secrets. Immutable.</summary>
internal sealed record SeatRunner(SeatAddress Address, FakeKeeper Keeper, Standing Standing, ImmutableList<SigningSessionEvent> History, SessionState State)
{
    internal static SeatRunner Start(Party party, int seat) => new(
        party.Address(seat), new FakeKeeper(party, Party.Seat(seat)), party.Standing, [], SigningSessionDecider.Initial(party.Address(seat)));

    internal SeatRunner WithStanding(Standing standing) => this with { Standing = standing };

    /// <summary>A new process: the history is read again, and no nonce survived.</summary>
    internal SeatRunner Restarted => this with { Keeper = Keeper.Restarted, State = Reload(Address, History) };

    internal static SessionState Reload(SeatAddress address, IEnumerable<SigningSessionEvent> history) =>
        history.Aggregate(SigningSessionDecider.Initial(address), SigningSessionDecider.Evolve);

    internal (Decision<SigningSessionEvent, SessionEffect, SeatReply> Decision, SeatRunner After) Ask(SeatRequest request)
    {
        SeatRunner runner = this;
        var decision = SigningSessionDecider.Decide(State, new SessionCommand.Asked(request, Standing, Keeper.Held));
        if (decision is Decision<SigningSessionEvent, SessionEffect, SeatReply>.NeedsSecret needs)
        {
            (SessionCommand result, FakeKeeper keeper) = Keeper.Perform(needs.Task);
            runner = this with { Keeper = keeper };
            decision = SigningSessionDecider.Decide(State, result);
        }

        return (decision, decision switch
        {
            Decision<SigningSessionEvent, SessionEffect, SeatReply>.Accepted accepted => runner.Append(accepted.Events, accepted.Effects),
            Decision<SigningSessionEvent, SessionEffect, SeatReply>.Refused refused => runner.Append(refused.Events, []),
            _ => runner,
        });
    }

    internal (SeatAnswer Answer, SeatRunner After) Answer(SeatRequest request)
    {
        (var decision, SeatRunner after) = Ask(request);
        return (decision switch
        {
            Decision<SigningSessionEvent, SessionEffect, SeatReply>.Accepted accepted => new SeatAnswer.Granted(accepted.Reply),
            Decision<SigningSessionEvent, SessionEffect, SeatReply>.Refused refused => new SeatAnswer.Refused(request.About, refused.Refusal),
            _ => throw new System.Diagnostics.UnreachableException(),
        }, after);
    }

    internal (IReadOnlyList<SeatAnswer> Answers, SeatRunner After) Answer(IReadOnlyList<SeatRequest> requests)
    {
        SeatRunner runner = this;
        List<SeatAnswer> answers = [];
        foreach (SeatRequest request in requests)
        {
            (SeatAnswer answer, runner) = runner.Answer(request);
            answers.Add(answer);
        }

        return (answers, runner);
    }

    private SeatRunner Append(IReadOnlyList<SigningSessionEvent> events, IReadOnlyList<SessionEffect> effects) => this with
    {
        History = History.AddRange(events),
        State = events.Aggregate(State, SigningSessionDecider.Evolve),
        Keeper = effects.OfType<SessionEffect.WipeNonce>().Any() ? Keeper.Restarted : Keeper,
    };
}
