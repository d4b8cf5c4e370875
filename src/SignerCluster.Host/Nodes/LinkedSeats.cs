using System.Diagnostics;
using Akka.Actor;
using SignerCluster.Actors;
using SignerCluster.Actors.Messages;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Seats;
using SignerCluster.Protocol.Wire;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// The seats of other parties and their guardians: what an entity asks of one goes out signed, and the answer, or why there is none, comes back to it.
/// </summary>
internal sealed class LinkedSeats : UntypedActor
{
    private readonly IExchange _parties;

    private LinkedSeats(IExchange parties) => _parties = parties;

    /// <param name="parties">Signs what is asked of other parties, and checks what they answer.</param>
    internal static Props Props(IExchange parties) => Akka.Actor.Props.CreateBy(new Produced<LinkedSeats>(() => new LinkedSeats(parties)));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ToSeat asked:
                _ = AskAsync(_parties, asked).PipeTo(Sender, Self);
                break;
            case ToGuardian told:
                _ = TellAsync(_parties, told).PipeTo(Sender, Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private static async Task<FromGuardian> TellAsync(IExchange parties, ToGuardian told)
    {
        try
        {
            byte[] request = Message.Encode(told.Command, WireJson.Default.GuardianCommand);
            ReadOnlyMemory<byte> reply = await parties.AskAsync(told.To, request, CancellationToken.None);
            bool isRead = Message.TryDecode(reply.Span, WireJson.Default.GuardianAnswer, out GuardianAnswer? answer, out Refusal? _);
            return new FromGuardian(isRead ? answer! : new GuardianAnswer.Failed("answer_malformed", IsTransient: true), told.Ask);
        }
        catch (ExchangeException fault)
        {
            return new FromGuardian(new GuardianAnswer.Failed(fault.Code, fault.IsTransient), told.Ask);
        }
    }

    private static async Task<FromSeat> AskAsync(IExchange parties, ToSeat asked)
    {
        using Activity? span = Traces.Start("ask seat", asked.Trace);
        try
        {
            byte[] request = Message.Encode(asked.Requests, WireJson.Default.IReadOnlyListSeatRequest);
            ReadOnlyMemory<byte> reply = await parties.AskAsync(asked.To, request, CancellationToken.None);
            return Message.TryDecode(reply.Span, WireJson.Default.IReadOnlyListSeatAnswer, out IReadOnlyList<SeatAnswer>? answers, out Refusal? _)
                ? new FromSeat(asked.Seat, answers, asked.Ask)
                : Failed(asked, "answer_malformed", isTransient: true);
        }
        catch (ExchangeException fault)
        {
            return Failed(asked, fault.Code, fault.IsTransient);
        }
    }

    private static FromSeat Failed(ToSeat asked, string code, bool isTransient) =>
        new(asked.Seat, [.. asked.Requests.Select(_ => new SeatAnswer.Failed(code, isTransient))], asked.Ask);
}
