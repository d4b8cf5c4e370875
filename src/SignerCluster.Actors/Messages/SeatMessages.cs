using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;

namespace SignerCluster.Actors.Messages;

/// <summary>A coordinated session asks a seat.</summary>
/// <param name="Ask">Comes back with the answer: only the newest ask of a seat is waited for.</param>
public sealed record ToSeat(EntityId To, SeatAddress Seat, IReadOnlyList<SeatRequest> Requests, long Ask) : ITracedMessage
{
    public string? Trace { get; init; }
}

/// <summary>A seat answers each request of an ask, in their order.</summary>
public sealed record FromSeat(SeatAddress Seat, IReadOnlyList<SeatAnswer> Answers, long Ask) : IWireMessage;
