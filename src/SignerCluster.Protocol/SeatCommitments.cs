using System.Collections;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;

namespace SignerCluster.Protocol;

/// <summary>
/// For each of a set of seats one commitment a message, in ascending seat order; as many of each seat. Value equality.
/// </summary>
public sealed class SeatCommitments : IReadOnlyList<(SeatId Seat, Batch<Commitment> Commitment)>, IEquatable<SeatCommitments>
{
    private readonly (SeatId Seat, Batch<Commitment> Commitment)[] _entries;

    private SeatCommitments((SeatId Seat, Batch<Commitment> Commitment)[] entries, SeatSet seats)
    {
        _entries = entries;
        Seats = seats;
    }

    public SeatSet Seats { get; }

    public int Count => _entries.Length;

    /// <summary>For how many messages each seat has committed; 0 where there is no seat.</summary>
    public int Messages => _entries.Length == 0 ? 0 : _entries[0].Commitment.Count;

    public (SeatId Seat, Batch<Commitment> Commitment) this[int index] => _entries[index];

    /// <summary>Refuses seats that are not strictly ascending, and seats that have committed to different numbers of messages.</summary>
    public static bool TryCreate(IEnumerable<(SeatId Seat, Batch<Commitment> Commitment)> entries, [NotNullWhen(true)] out SeatCommitments? commitments)
    {
        (SeatId Seat, Batch<Commitment> Commitment)[] list = [.. entries];
        bool ascending = SeatSet.TryFromAscending(list.Select(static entry => entry.Seat.Value), out SeatSet seats);
        bool even = Array.TrueForAll(list, entry => entry.Commitment.Count == list[0].Commitment.Count);
        commitments = ascending && even ? new SeatCommitments(list, seats) : null;
        return commitments is not null;
    }

    /// <summary>Collects commitments in whatever order; throws for a seat named twice.</summary>
    public static SeatCommitments From(IEnumerable<(SeatId Seat, Batch<Commitment> Commitment)> entries) =>
        TryCreate(entries.OrderBy(static entry => entry.Seat.Value), out SeatCommitments? commitments)
            ? commitments
            : throw new ArgumentException("A seat has one commitment a message in a package.", nameof(entries));

    /// <summary>The commitments for one message alone, in seat order.</summary>
    public Commitment[] For(int message) => Array.ConvertAll(_entries, entry => entry.Commitment[message]);

    public bool TryGet(SeatId seat, [NotNullWhen(true)] out Batch<Commitment>? commitment)
    {
        commitment = Array.Find(_entries, entry => entry.Seat == seat).Commitment;
        return commitment is not null;
    }

    public bool Equals(SeatCommitments? other) => other is not null && _entries.AsSpan().SequenceEqual(other._entries);

    public override bool Equals(object? obj) => Equals(obj as SeatCommitments);

    public override int GetHashCode() => _entries.Aggregate(_entries.Length, HashCode.Combine);

    public IEnumerator<(SeatId Seat, Batch<Commitment> Commitment)> GetEnumerator() => ((IEnumerable<(SeatId, Batch<Commitment>)>)_entries).GetEnumerator();

    public override string ToString() => $"commitments of {Seats}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
