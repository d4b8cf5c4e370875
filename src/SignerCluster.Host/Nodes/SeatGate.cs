using Akka.Actor;
using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// Where what other parties ask, once it is verified, meets this party's own seats: a request goes to the party's region, which knows the node where the seat's
/// session is.
/// </summary>
internal sealed class SeatGate(IActorRef region, TimeSpan answerTimeout) : IExchange
{
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (!Message.TryDecode(request.Span, WireJson.Default.IReadOnlyListSeatRequest, out IReadOnlyList<SeatRequest>? requests, out Refusal? malformed))
        {
            return Encode([new SeatAnswer.Refused(null, malformed)]);
        }

        try
        {
            ToSeat asked = new(to, EntityAddress.ToSeat(to), requests, 0) { Trace = Traces.Current };
            FromSeat answered = await region.Ask<FromSeat>(asked, answerTimeout, cancellation);
            return Encode(answered.Answers);
        }
        catch (AskTimeoutException silent)
        {
            throw new ExchangeException("answer_timeout", $"{to} gave no answer within {answerTimeout.TotalSeconds} s.", isTransient: true, silent);
        }
    }

    private static byte[] Encode(IReadOnlyList<SeatAnswer> answers) => Message.Encode(answers, WireJson.Default.IReadOnlyListSeatAnswer);
}
