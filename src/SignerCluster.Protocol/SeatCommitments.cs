using System.Collections;
using System.Diagnostics.CodeAnalysis;
using SignerCluster.Frost;
using SignerCluster.Frost.Round1;

namespace SignerCluster.Protocol;

/// <summary>One commitment for each of a set of seats, in ascending seat order. Value equality.</summary>
public sealed class SeatCommitments : IReadOnlyList<(SeatId Seat, Commitment Commitment)>, IEquatable<SeatCommitments>
{
    private readonly (SeatId Seat, Commitment Commitment)[] _entries;

    private SeatCommitments((SeatId Seat, Commitment Commitment)[] entries, SeatSet seats)
    {
        _entries = entries;
        Seats = seats;
    }

    public SeatSet Seats { get; }

    public int Count => _entries.Length;

    /// <summary>The commitments alone, in seat order.</summary>
    public ReadOnlySpan<Commitment> Values => Array.ConvertAll(_entries, static entry => entry.Commitment);

    public (SeatId Seat, Commitment Commitment) this[int index] => _entries[index];

    /// <summary>Refuses seats that are not strictly ascending.</summary>
    public static bool TryCreate(IEnumerable<(SeatId Seat, Commitment Commitment)> entries, [NotNullWhen(true)] out SeatCommitments? commitments)
    {
        (SeatId Seat, Commitment Commitment)[] list = [.. entries];
        bool ascending = SeatSet.TryFromAscending(list.Select(static entry => entry.Seat.Value), out SeatSet seats);
        commitments = ascending ? new SeatCommitments(list, seats) : null;
        return ascending;
    }

    /// <summary>Collects commitments in whatever order; throws for a seat named twice.</summary>
    public static SeatCommitments From(IEnumerable<(SeatId Seat, Commitment Commitment)> entries) =>
        TryCreate(entries.OrderBy(static entry => entry.Seat.Value), out SeatCommitments? commitments)
            ? commitments
            : throw new ArgumentException("A seat has one commitment in a package.", nameof(entries));

    public bool TryGet(SeatId seat, out Commitment commitment)
    {
        int index = Array.FindIndex(_entries, entry => entry.Seat == seat);
        commitment = index >= 0 ? _entries[index].Commitment : default;
        return index >= 0;
    }

    public bool Equals(SeatCommitments? other) => other is not null && _entries.AsSpan().SequenceEqual(other._entries);

    public override bool Equals(object? obj) => Equals(obj as SeatCommitments);

    public override int GetHashCode() => _entries.Aggregate(_entries.Length, HashCode.Combine);

    public IEnumerator<(SeatId Seat, Commitment Commitment)> GetEnumerator() => ((IEnumerable<(SeatId, Commitment)>)_entries).GetEnumerator();

    public override string ToString() => $"commitments of {Seats}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
