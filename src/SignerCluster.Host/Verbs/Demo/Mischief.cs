using SignerCluster.Frost;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs.Demo;

/// <summary>
/// Stands between the nodes and spoils one session in a fixed order, so that every run shows the same: the late seat is kept away, so that liar
/// and restarter make the first attempt; the liar's share is altered on its way; once the coordinator has seen that, the restarter's process dies
/// between its commitment and its share and comes back without its nonce; then the late seat may come.
/// </summary>
internal sealed class Mischief(IEngine honest) : IEngine
{
    internal static readonly SeatId Liar = new(0);
    internal static readonly SeatId Restarter = new(1);
    private static readonly SeatId _late = new(2);

    private readonly TaskCompletionSource _shareWanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _restarted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CoordinatorAddress? _spoilt;
    private Func<Task>? _restart;
    private int _restarts;

    /// <summary>How often the restarter was restarted after its commitment and before its share.</summary>
    internal int Restarts => Volatile.Read(ref _restarts);

    /// <summary>Spoils a session from now on.</summary>
    /// <param name="restart">Stops and starts the participant of <see cref="Restarter"/>.</param>
    internal void Spoil(CoordinatorAddress session, Func<Task> restart) => (_restart, _spoilt) = (restart, session);

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (_spoilt is not { } spoilt)
        {
            return await honest.AskAsync(to, request, cancellation);
        }

        if (to.Kind == EntityKind.RoastCoordinator)
        {
            ReadOnlyMemory<byte> reply = await honest.AskAsync(to, request, cancellation);
            if (EntityAddress.ToCoordinator(to) == spoilt && ReportsLie(request) && Interlocked.CompareExchange(ref _restarts, 1, 0) == 0)
            {
                await RestartAsync();
            }

            return reply;
        }

        SeatAddress seat = EntityAddress.ToSeat(to);
        return new CoordinatorAddress(seat.Group, seat.Session) == spoilt
            ? await AskSpoiltAsync(seat.Seat, to, request, cancellation)
            : await honest.AskAsync(to, request, cancellation);
    }

    private async ValueTask<ReadOnlyMemory<byte>> AskSpoiltAsync(SeatId seat, EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        bool wantsShare = seat == Restarter && WantsShare(request);
        if (wantsShare)
        {
            _shareWanted.TrySetResult();
        }

        if (wantsShare || seat == _late)
        {
            await _restarted.Task.WaitAsync(cancellation);
        }

        ReadOnlyMemory<byte> reply = await honest.AskAsync(to, request, cancellation);
        return seat == Liar ? Falsify(reply) : reply;
    }

    /// <summary>Not to be cancelled: a participant that was stopped and not started again would never come back.</summary>
    private async Task RestartAsync()
    {
        await _shareWanted.Task.WaitAsync(CancellationToken.None);
        await _restart!();
        _restarted.SetResult();
    }

    private static bool ReportsLie(ReadOnlyMemory<byte> report) =>
        Message.TryDecode(report.Span, WireJson.Default.CoordinatorCommand, out CoordinatorCommand? command, out _)
        && command is CoordinatorCommand.SeatAnswered answered
        && answered.Seat == Liar
        && answered.Answers.Any(static answer => answer is SeatAnswer.Granted { Reply: SeatReply.Signed });

    private static bool WantsShare(ReadOnlyMemory<byte> request) =>
        Message.TryDecode(request.Span, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out _)
        && requests.Any(static wanted => wanted is SeatRequest.SignShare);

    private static ReadOnlyMemory<byte> Falsify(ReadOnlyMemory<byte> reply)
    {
        if (!Message.TryDecode(reply.Span, WireJson.Default.IReadOnlyListSeatAnswer, out IReadOnlyList<SeatAnswer>? answers, out _))
        {
            return reply;
        }

        IReadOnlyList<SeatAnswer> falsified = [.. answers.Select(static answer => answer is SeatAnswer.Granted { Reply: SeatReply.Signed signed }
            ? new SeatAnswer.Granted(signed with { Share = Falsify(signed.Share) })
            : answer)];
        return Message.Encode(falsified, WireJson.Default.IReadOnlyListSeatAnswer);
    }

    /// <summary>Another scalar below the group order, so that only the share's equation can tell.</summary>
    private static Share Falsify(Share share)
    {
        Bytes32 bytes = share.Bytes;
        bytes[31] ^= 1;
        return new Share(bytes);
    }
}
