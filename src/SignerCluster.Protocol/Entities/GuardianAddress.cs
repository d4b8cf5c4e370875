using System.Runtime.InteropServices;
using SignerCluster.Frost;

namespace SignerCluster.Protocol.Entities;

/// <summary>A group's guardian: the coordinator's, or that of one seat in its party's journal.</summary>
/// <param name="Seat">Null for the coordinator's.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GuardianAddress(GroupId Group, SeatId? Seat = null);
