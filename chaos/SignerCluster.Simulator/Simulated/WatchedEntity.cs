using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>An activation as the checkers see it: they are told what it answers in the step in which it answers. Also where a liar's operator lies.</summary>
internal sealed class WatchedEntity(IEntity inner, World world, Node node, Incarnation life, EntityId id) : IEntity
{
    public bool IsIdle => inner.IsIdle;

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> request, CancellationToken stopping)
    {
        long arrived = node.Owner.Ledger.VersionOf(id);
        TurnWatch turn = TurnWatch.Begin(world.Now);
        ReadOnlyMemory<byte> reply = await inner.HandleAsync(request, stopping);
        world.Checks.TurnEnded(node, id, turn);
        return id.Kind == EntityKind.SigningSession ? ToSeat(arrived, request, reply, turn) : ToSession(arrived, request, reply, turn);
    }

    private ReadOnlyMemory<byte> ToSeat(long arrived, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> reply, TurnWatch turn)
    {
        if (!Message.TryDecode(request.Span, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out _))
        {
            return reply;
        }

        IReadOnlyList<SeatAnswer> answers = Decode(reply, WireJson.Default.IReadOnlyListSeatAnswer);
        SeatAddress seat = EntityAddress.ToSeat(id);
        world.Trace.Note(node.Name, "answers", requests, answers);
        world.Checks.SeatAnswered(new SeatExchange(node, life, seat, arrived, requests, answers, node.Owner.Ledger.Find(seat), turn));
        return world.LiarAt(seat.Seat) is { } liar ? Message.Encode(liar.Twist(answers), WireJson.Default.IReadOnlyListSeatAnswer) : reply;
    }

    private ReadOnlyMemory<byte> ToSession(long arrived, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> reply, TurnWatch turn)
    {
        CoordinatorCommand command = Decode(request, WireJson.Default.CoordinatorCommand);
        CoordinatorAnswer answer = Decode(reply, WireJson.Default.CoordinatorAnswer);
        CoordinatorAddress session = EntityAddress.ToCoordinator(id);
        world.Trace.Note(node.Name, "answers", command, answer);
        world.Checks.SessionAnswered(new SessionExchange(node, session, arrived, command, answer, node.Owner.Ledger.Find(session), turn));
        return reply;
    }

    private static T Decode<T>(ReadOnlyMemory<byte> bytes, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json)
        where T : class =>
        Message.TryDecode(bytes.Span, json, out T? message, out Refusal? malformed)
            ? message
            : throw new InvalidOperationException($"The product wrote what it cannot read: {malformed}");
}
