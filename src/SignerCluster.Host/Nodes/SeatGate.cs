using Akka.Actor;
using SignerCluster.Actors;
using SignerCluster.Actors.Links;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// Where what other parties ask, once it is verified, meets this party's own seats: a request goes to the party's region, which knows the node where the seat's
/// session is.
/// </summary>
internal sealed class SeatGate(ParticipantRegions regions, TimeSpan answerTimeout) : IExchange
{
    public ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation) =>
        to.Kind == EntityKind.Guardian ? AskGuardianAsync(to, request, cancellation) : AskSeatAsync(to, request, cancellation);

    private async ValueTask<ReadOnlyMemory<byte>> AskSeatAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (!Message.TryDecode(request.Span, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out Refusal? malformed))
        {
            return Encode([new SeatAnswer.Refused(null, malformed)]);
        }

        ToSeat asked = new(to, EntityAddress.ToSeat(to), requests, 0) { Trace = Traces.Current };
        return Encode((await AskAsync<FromSeat>(regions.Seats, asked, cancellation)).Answers);
    }

    /// <summary>Another party may tell a guardian what the chain has more, and nothing else.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> AskGuardianAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        bool isRead = Message.TryDecode(request.Span, WireJson.Default.GuardianCommand, out GuardianCommand? command, out Refusal? malformed);
        if (!isRead || command is not GuardianCommand.Fold)
        {
            return Encode(new GuardianAnswer.Refused(malformed ?? Refusals.Malformed(nameof(GuardianCommand.Fold), path: null)));
        }

        return Encode((await AskAsync<FromGuardian>(regions.Guardians, new ToGuardian(EntityAddress.ToGuardian(to), command), cancellation)).Answer);
    }

    private async ValueTask<TAnswer> AskAsync<TAnswer>(IActorRef region, IEntityMessage asked, CancellationToken cancellation)
    {
        try
        {
            return await region.Ask<TAnswer>(asked, answerTimeout, cancellation);
        }
        catch (AskTimeoutException silent)
        {
            throw new ExchangeException("answer_timeout", $"{asked.To} gave no answer within {answerTimeout.TotalSeconds} s.", isTransient: true, silent);
        }
    }

    private static byte[] Encode(GuardianAnswer answer) => Message.Encode(answer, WireJson.Default.GuardianAnswer);

    private static byte[] Encode(IReadOnlyList<SeatAnswer> answers) => Message.Encode(answers, WireJson.Default.IReadOnlyListSeatAnswer);
}
