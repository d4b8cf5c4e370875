using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Secp256k1;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>
/// One coordinated session of a 2-of-3 group: the real actor over a journal that can fail; its seats are a probe, and the bench knows their nonces.
/// </summary>
internal sealed class CoordinatorBench : IDisposable
{
    internal static readonly CoordinatorSettings Settings = new();
    private readonly ActorsTest _test;
    private readonly Dictionary<SeatId, SecretNonce> _nonces = [];

    internal CoordinatorBench(ActorsTest test)
    {
        _test = test;
        Seats = test.CreateTestProbe();
        Region = StartRegion(ActorsTest.Party);
    }

    internal TestGroup Group { get; } = new(2, 3);

    internal FaultyJournal Journal { get; } = new();

    /// <summary>Gets what the session asks its seats.</summary>
    internal TestProbe Seats { get; }

    internal LocalRegion Region { get; private set; }

    internal CoordinatorAddress Session => new(Group.Id, SessionId.Parse("s1"));

    internal SigningRequest Request => Group.Request(1);

    internal AttemptContext Attempt(int number) => AttemptContext.Derive(Session.Session, Request, number, Group.Public.Seats);

    /// <summary>A history that was written before.</summary>
    internal async Task<CoordinatorBench> GivenAsync(params IReadOnlyList<RoastEvent> events)
    {
        long version = await Journal.Stored.ReadVersionAsync(EntityAddress.Of(Session), CancellationToken.None);
        JournalEntry[] entries =
            [.. events.Select(static @event => RoastCodec.Events.Encode(@event)).Select(static stored => new JournalEntry(stored.StoredName, stored.Bytes))];
        Assert.IsType<AppendOutcome.Appended>(
            await Journal.Stored.AppendAsync(
                new JournalAppend(EntityAddress.Of(Session), version, entries, OpenAfter: true, Guid.Empty, DateTimeOffset.UnixEpoch)));
        return this;
    }

    /// <summary>The answer to a command, asked again where a message was lost with an activation.</summary>
    internal async Task<CoordinatorAnswer> WhenAsync(CoordinatorCommand command)
    {
        for (int tries = 0; tries < 1_000; tries++)
        {
            FromSession answer = await Region.Ref.Ask<FromSession>(ToSession.Of(Session, command), TimeSpan.FromSeconds(30));
            if (answer.Answer is not CoordinatorAnswer.Failed { Code: JournalException.EntityFailedCode })
            {
                return answer.Answer;
            }
        }

        throw new InvalidOperationException("The session's activations end without an answer.");
    }

    internal Task<CoordinatorAnswer> SignAsync() => WhenAsync(new CoordinatorCommand.Sign(Request));

    /// <summary>Tells the session to be signed, by somebody who waits for its end.</summary>
    internal void Wait(TestProbe waiter) => Region.Ref.Tell(ToSession.Of(Session, new CoordinatorCommand.Sign(Request), waits: true), waiter);

    /// <summary>The next request to a seat; those to others before it are passed over.</summary>
    internal async Task<ToSeat> AskedAsync(int seat) =>
        (ToSeat)await Seats.FishForMessageAsync(message => message is ToSeat asked && asked.Seat.Seat == new SeatId(seat));

    internal void Answer(ToSeat asked, params IReadOnlyList<SeatReply> replies) =>
        Seats.Send(Seats.LastSender, new FromSeat(asked.Seat, [.. replies.Select(static reply => new SeatAnswer.Granted(reply))], asked.Ask));

    /// <summary>Runs the session until only the last share is missing; returns who is asked for it and what the answer is.</summary>
    internal async Task<(ToSeat Asked, SeatReply Share)> ReachLastShareAsync()
    {
        Assert.IsType<CoordinatorReply.Running>(Assert.IsType<CoordinatorAnswer.Granted>(await SignAsync()).Reply);
        foreach (int seat in (int[])[0, 1])
        {
            ToSeat asked = await AskedAsync(seat);
            SecretNonce nonce = _nonces[new SeatId(seat)] = Group.DrawNonce();
            Answer(asked, new SeatReply.Acknowledged(), new SeatReply.Joined(Attempt(1).Id, nonce.Commitment));
        }

        (ToSeat Asked, SeatReply Share) first = await ShareAsync(0);
        Answer(first.Asked, first.Share);
        (ToSeat Asked, SeatReply Share) last = await ShareAsync(1);
        // What the first share made of the session is durable when this is answered.
        await WhenAsync(new CoordinatorCommand.Show());
        return last;
    }

    internal void AssertSigned(CoordinatorAnswer answer)
    {
        CoordinatorReply.Completed done = Assert.IsType<CoordinatorReply.Completed>(Assert.IsType<CoordinatorAnswer.Granted>(answer).Reply);
        Assert.True(Bip340.Verify(done.OutputKey.Single, Request.Message.Single.AsSpan(), done.Signature.Single));
    }

    internal async Task<int> CompletionsAsync() =>
        (await Journal.ManifestsAsync(EntityAddress.Of(Session))).Count(static manifest => manifest == "roast.session-completed.v1");

    /// <summary>The session's actors from here on are on another node, over the same journal.</summary>
    internal void MoveTo(string party) => Region = StartRegion(party);

    public void Dispose()
    {
        foreach (SecretNonce nonce in _nonces.Values)
        {
            nonce.Dispose();
        }

        Group.Dispose();
    }

    private async Task<(ToSeat Asked, SeatReply Share)> ShareAsync(int seat)
    {
        ToSeat asked = (ToSeat)await Seats.FishForMessageAsync(
            message => message is ToSeat toSeat && toSeat.Seat.Seat == new SeatId(seat) && toSeat.Requests[0] is SeatRequest.SignShare);
        SigningPackage package = ((SeatRequest.SignShare)asked.Requests[0]).Package;
        Share share = Signing.Sign(_nonces[new SeatId(seat)], Group.ShareOf(new SeatId(seat)), package.Values(Group.Public).Value.Single).Value;
        return (asked, new SeatReply.Signed(package.Attempt.Id, share));
    }

    private LocalRegion StartRegion(string party)
    {
        CoordinatorParts parts = new(_test.PluginOver(Journal, party), Seats, _test.NoGuardians, _ => Group.Standing, SealedStores.NoQuarantine, Settings);
        return _test.Region(id => RoastCoordinatorActor.Props(id, parts));
    }
}
