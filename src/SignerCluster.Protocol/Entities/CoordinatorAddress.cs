namespace SignerCluster.Protocol.Entities;

/// <summary>One actor of the coordinator side: a session of a group.</summary>
public readonly record struct CoordinatorAddress(GroupId Group, SessionId Session)
{
    /// <summary>The seat's side of the same session.</summary>
    public SeatAddress At(Frost.SeatId seat) => new(Group, Session, seat);
}
