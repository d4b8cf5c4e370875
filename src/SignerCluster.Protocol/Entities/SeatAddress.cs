using SignerCluster.Frost;

namespace SignerCluster.Protocol.Entities;

/// <summary>One actor of the participant side: a seat's part in a session.</summary>
public readonly record struct SeatAddress(GroupId Group, SessionId Session, SeatId Seat);
