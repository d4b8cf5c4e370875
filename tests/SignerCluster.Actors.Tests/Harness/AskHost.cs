using Akka.Actor;
using SignerCluster.Actors.RoastCoordinators;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors.Tests.Harness;

/// <summary>An actor whose timers and messages are those of <see cref="SeatAsks"/>, and which does with it what a test says.</summary>
internal sealed class AskHost : UntypedActor, IWithTimers
{
    private readonly SeatAsks _asks;

    private AskHost(CoordinatorAddress session, SeatAskSettings settings, IActorRef seats) => _asks = new SeatAsks(
        session,
        settings,
        asked => seats.Tell(asked, Self),
        (seat, pause) => Timers.StartSingleTimer(seat, new SendAgain(seat), pause),
        seat => Timers.Cancel(seat));

    public ITimerScheduler Timers { get; set; } = null!;

    internal static Props Props(CoordinatorAddress session, SeatAskSettings settings, IActorRef seats) =>
        Akka.Actor.Props.CreateBy(new Produced<AskHost>(() => new AskHost(session, settings, seats)));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Func<SeatAsks, object> act:
                Sender.Tell(act(_asks));
                break;
            case SendAgain again:
                _asks.Send(again.Seat);
                break;
        }
    }
}
