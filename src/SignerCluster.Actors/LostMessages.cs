using Akka.Actor;
using Akka.Event;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors;

/// <summary>
/// Answers for messages whose entity ended before it read them, as after a failed write: without it who asked would only learn of it by waiting. Nothing was
/// done with such a message, so it may be sent again at once.
/// </summary>
public sealed class LostMessages : UntypedActor
{
    private LostMessages()
    {
    }

    public static Props Props() => Akka.Actor.Props.CreateBy(new Produced<LostMessages>(static () => new LostMessages()));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        if (message is DeadLetter lost && AnswerTo(lost.Message) is { } answer)
        {
            lost.Sender.Tell(answer, ActorRefs.NoSender);
        }
    }

    private static object? AnswerTo(object message) => message switch
    {
        ToSession => new FromSession(new CoordinatorAnswer.Failed(JournalException.EntityFailedCode, IsTransient: true)),
        ToSeat asked => new FromSeat(
            asked.Seat, [.. asked.Requests.Select(static _ => new SeatAnswer.Failed(JournalException.EntityFailedCode, IsTransient: true))], asked.Ask),
        ToKeyRing => new KeyRingAnswer.Failed(JournalException.EntityFailedCode, IsTransient: true),
        _ => null,
    };
}
