using Akka.Actor;
using Akka.TestKit;
using SignerCluster.Actors.Links;
using SignerCluster.Actors.Messages;
using SignerCluster.Actors.Tests.Harness;
using SignerCluster.Conformance;
using SignerCluster.Frost;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Tests.Links;

public sealed class MemoryLinksTests : ActorsTest
{
    private readonly TestGroup _group = new(2, 3);

    protected override void AfterAll()
    {
        base.AfterAll();
        _group.Dispose();
    }

    [Fact]
    public async Task A_message_reaches_the_region_that_holds_the_seat_and_the_answer_goes_straight_back()
    {
        TestProbe region = CreateTestProbe();
        TestProbe session = CreateTestProbe();
        IActorRef links = Sys.ActorOf(MemoryLinks.Props((group, seat) => group == _group.Id && seat == new SeatId(1) ? new(region, ActorRefs.Nobody) : null));
        ToSeat asked = Message(1);
        session.Send(links, asked);
        Assert.Same(asked, await region.ExpectMsgAsync<ToSeat>());
        Assert.Equal(session.Ref, region.LastSender);
    }

    [Fact]
    public async Task A_seat_of_a_participant_that_is_stopped_is_answered_for_as_unroutable_until_it_runs()
    {
        TestProbe region = CreateTestProbe();
        ParticipantRegions? running = null;
        IActorRef links = Sys.ActorOf(MemoryLinks.Props((_, _) => Volatile.Read(ref running)));
        FromSeat answer = await links.Ask<FromSeat>(Message(2), RemainingOrDefault);
        Assert.Equal((Message(2).Seat, 5), (answer.Seat, answer.Ask));
        Assert.Equal([new SeatAnswer.Failed("unroutable", IsTransient: true), new SeatAnswer.Failed("unroutable", IsTransient: true)], answer.Answers);
        Volatile.Write(ref running, new(region, ActorRefs.Nobody));
        links.Tell(Message(2));
        await region.ExpectMsgAsync<ToSeat>();
    }

    private ToSeat Message(int seat)
    {
        SeatAddress address = new(_group.Id, SessionId.Parse("s1"), new SeatId(seat));
        return new ToSeat(EntityAddress.Of(address), address, [new SeatRequest.Open(_group.Request(1)), new SeatRequest.Abort(AbortReason.Requested)], 5);
    }
}
