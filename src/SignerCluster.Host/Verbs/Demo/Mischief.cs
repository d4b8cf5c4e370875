using Akka.Actor;
using SignerCluster.Actors.Messages;
using SignerCluster.Frost;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>
/// Stands between the coordinator and the links and spoils one session in a fixed order, so that every run shows the same: the late seat is kept away, so that
/// liar and restarter make the first attempt; the liar's share is altered on its way; then the restarter's participant stops between its commitment and its
/// share and comes back without its nonce; then the late seat may come.
/// </summary>
internal sealed class Mischief(IActorRef honest, MischiefPlan plan) : UntypedActor
{
    private readonly List<(ToSeat Asked, IActorRef Asker)> _held = [];
    private readonly Dictionary<long, IActorRef> _liarsAskers = [];
    private bool _isShareWanted;
    private bool _hasLied;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToSeat asked when plan.IsSpoilt(asked.Seat):
                Spoil(asked);
                break;
            case FromSeat lie:
                TellLie(lie);
                break;
            case Restarted:
                plan.IsRestarted = true;
                _held.ForEach(held => honest.Tell(held.Asked, held.Asker));
                _held.Clear();
                break;
            default:
                honest.Forward(message);
                break;
        }
    }

    private void Spoil(ToSeat asked)
    {
        bool isShareWanted = asked.Seat.Seat == MischiefPlan.Restarter && asked.Requests.Any(static wanted => wanted is SeatRequest.SignShare);
        if (asked.Seat.Seat == MischiefPlan.Liar)
        {
            _liarsAskers[asked.Ask] = Sender;
            honest.Tell(asked, Self);
        }
        else if (!plan.IsRestarted && (isShareWanted || asked.Seat.Seat == MischiefPlan.Late))
        {
            _held.Add((asked, Sender));
            _isShareWanted |= isShareWanted;
            RestartIfDue();
        }
        else
        {
            honest.Forward(asked);
        }
    }

    private void TellLie(FromSeat answered)
    {
        bool isShare = answered.Answers.Any(static answer => answer is SeatAnswer.Granted { Reply: SeatReply.Signed });
        if (_liarsAskers.Remove(answered.Ask, out IActorRef? asker))
        {
            asker.Tell(answered with { Answers = [.. answered.Answers.Select(Falsify)] }, ActorRefs.NoSender);
        }

        _hasLied |= isShare;
        RestartIfDue();
    }

    /// <summary>Once the lie is on its way to the session, before anything that the restarter may still say.</summary>
    private void RestartIfDue()
    {
        if (_isShareWanted && _hasLied && plan.TryBeginRestart())
        {
            _ = plan.RestartAsync().PipeTo(Self, success: static () => new Restarted());
        }
    }

    private static SeatAnswer Falsify(SeatAnswer answer) =>
        answer is SeatAnswer.Granted { Reply: SeatReply.Signed signed }
            ? new SeatAnswer.Granted(signed with { Share = Batch.Of(signed.Share.Select(Falsify)) })
            : answer;

    /// <summary>Another scalar below the group order, so that only the share's equation can tell.</summary>
    private static Share Falsify(Share share)
    {
        Bytes32 bytes = share.Bytes;
        bytes[31] ^= 1;
        return new Share(bytes);
    }

    private sealed record Restarted;
}

/// <summary>Which session is spoilt, and how far that is.</summary>
internal sealed class MischiefPlan
{
    internal static readonly SeatId Liar = new(0);
    internal static readonly SeatId Restarter = new(1);
    internal static readonly SeatId Late = new(2);
    private volatile Spoilt? _spoilt;
    private int _restarts;

    /// <summary>How often the restarter was restarted after its commitment and before its share.</summary>
    internal int Restarts => Volatile.Read(ref _restarts);

    internal bool IsRestarted { get; set; }

    /// <summary>Spoils a session from now on.</summary>
    /// <param name="restart">Stops and starts the participant of <see cref="Restarter"/>.</param>
    internal void Spoil(CoordinatorAddress session, Func<Task> restart) => _spoilt = new Spoilt(session, restart);

    internal bool IsSpoilt(SeatAddress seat) => _spoilt?.Session == new CoordinatorAddress(seat.Group, seat.Session);

    internal bool TryBeginRestart() => Interlocked.CompareExchange(ref _restarts, 1, 0) == 0;

    internal Task RestartAsync() => _spoilt!.Restart();

    private sealed record Spoilt(CoordinatorAddress Session, Func<Task> Restart);
}
