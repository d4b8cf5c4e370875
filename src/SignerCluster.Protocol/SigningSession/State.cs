using SignerCluster.Frost.Round1;
using SignerCluster.Frost.Round2;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Seats;
using SignerCluster.Secp256k1;

namespace SignerCluster.Protocol.SigningSession;

// Absent ──open──▶ Open ◀──share produced── Joined
//                   │ └──attempt joined────▶  │ └─attempt joined (newer)─▶ Joined
//                   ├──────aggregated─────────┴──▶ Completed
//                   └──────aborted────────────┴──▶ Aborted
//
// Evidence of equivocation over a consumed attempt may follow anything but Absent, and leads nowhere else.
// Every arrow has a test, and so has every arrow that is missing.

/// <summary>A seat's session, one record a phase.</summary>
public abstract record SessionState
{
    private SessionState()
    {
    }

    /// <summary>Nothing was ever accepted under this id.</summary>
    public sealed record Absent(SeatAddress Seat) : SessionState;

    /// <summary>A session that was accepted. Its payload and its markers outlive every later phase.</summary>
    public abstract record Accepted(SeatAddress Seat, SigningRequest Request, ConsumedMarkers Consumed) : SessionState;

    /// <summary>May join an attempt; no commitment is outstanding.</summary>
    public sealed record Open(SeatAddress Seat, SigningRequest Request, ConsumedMarkers Consumed) : Accepted(Seat, Request, Consumed);

    /// <summary>Committed to the one live attempt.</summary>
    public sealed record Joined(SeatAddress Seat, SigningRequest Request, ConsumedMarkers Consumed, AttemptContext Attempt, Batch<Commitment> Commitment)
        : Accepted(Seat, Request, Consumed);

    /// <summary>The signature exists.</summary>
    public sealed record Completed(SeatAddress Seat, SigningRequest Request, ConsumedMarkers Consumed, AttemptContext Attempt, Batch<Bytes64> Signature)
        : Accepted(Seat, Request, Consumed);

    /// <summary>Ended without a signature.</summary>
    public sealed record Aborted(SeatAddress Seat, SigningRequest Request, ConsumedMarkers Consumed, AbortReason Reason) : Accepted(Seat, Request, Consumed);
}

/// <summary>The share a consumed attempt gave, and the only package it will ever be given for.</summary>
public sealed record ConsumedMarker(AttemptContext Attempt, PackageHash Package, Batch<Share> Share);

/// <summary>All consumed markers of a session, oldest first. Only grows: nothing that protects against replay is ever evicted (A8).</summary>
public sealed class ConsumedMarkers
{
    /// <summary>
    /// How many attempts a seat signs in one session before it declines more: above what n - t seats of 128 can spoil by dropping out as often as
    /// <see cref="SeatRoster.DropOutAllowance"/> lets them and lying once each.
    /// </summary>
    public const int Capacity = 2048;

    /// <summary>For how many attempts of a session evidence of equivocation is kept: enough to judge a coordinator, and no way to fill a disk.</summary>
    public const int EquivocationCapacity = 32;
    private readonly ConsumedMarker[] _markers;
    private readonly AttemptId[] _equivocal;

    private ConsumedMarkers(ConsumedMarker[] markers, AttemptId[] equivocal) => (_markers, _equivocal) = (markers, equivocal);

    public static ConsumedMarkers None { get; } = new([], []);

    public int Count => _markers.Length;

    public bool IsFull => _markers.Length >= Capacity;

    /// <summary>The highest consumed attempt number; 0 for none.</summary>
    public int HighestNumber => _markers.Length == 0 ? 0 : _markers.Max(static marker => marker.Attempt.Number);

    public ConsumedMarker? Find(AttemptId attempt) => Array.Find(_markers, marker => marker.Attempt.Id == attempt);

    public ConsumedMarkers With(ConsumedMarker marker) => new([.. _markers, marker], _equivocal);

    /// <summary>Is there no evidence against the attempt yet, and room for it? What is kept is never evicted for it.</summary>
    public bool MayNoteEquivocation(AttemptId attempt) => _equivocal.Length < EquivocationCapacity && !_equivocal.Contains(attempt);

    /// <summary>Remembers that evidence of equivocation is kept for a consumed attempt.</summary>
    public ConsumedMarkers WithEquivocation(AttemptId attempt) => new(_markers, [.. _equivocal, attempt]);
}
