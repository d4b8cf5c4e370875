using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace SignerCluster.Frost;

/// <summary>
/// A set of seats as a bitmap: bit i stands for seat i. Order and repetition cannot be expressed, so two equal sets are always equal values.
/// Enumerates in ascending order.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "A set is what it is called.")]
public readonly record struct SeatSet : IEnumerable<SeatId>
{
    private SeatSet(UInt128 bits) => Bits = bits;

    public static SeatSet Empty => default;

    /// <summary>The bitmap: bit i is set when seat i is a member.</summary>
    public UInt128 Bits { get; }

    public int Count => (int)UInt128.PopCount(Bits);

    public bool IsEmpty => Bits == UInt128.Zero;

    /// <summary>Seats 0..n-1. Throws outside 0 ≤ n ≤ 128.</summary>
    public static SeatSet All(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(n, SeatId.MaxCount);
        // A shift count is taken modulo 128, so a full set needs its own branch.
        return new SeatSet(n == SeatId.MaxCount ? UInt128.MaxValue : (UInt128.One << n) - 1);
    }

    public static SeatSet FromBits(UInt128 bits) => new(bits);

    /// <summary>The set of the given seats; a repeated seat counts once.</summary>
    public static SeatSet Of(params ReadOnlySpan<SeatId> seats)
    {
        SeatSet set = default;
        foreach (SeatId seat in seats)
        {
            set = set.With(seat);
        }

        return set;
    }

    /// <summary>False unless the identifiers are in 0..127 and strictly ascending, the one encoding that a wire format may use.</summary>
    public static bool TryFromAscending(IEnumerable<int> seats, out SeatSet set)
    {
        set = default;
        SeatSet collected = default;
        int previous = -1;
        foreach (int value in seats)
        {
            if (value <= previous || !SeatId.TryCreate(value, out SeatId seat))
            {
                return false;
            }

            collected = collected.With(seat);
            previous = value;
        }

        set = collected;
        return true;
    }

    public bool Contains(SeatId seat) => ((Bits >> seat.Value) & 1) == 1;

    public bool IsSubsetOf(SeatSet other) => (Bits & ~other.Bits) == UInt128.Zero;

    public SeatSet With(SeatId seat) => new(Bits | (UInt128.One << seat.Value));

    public SeatSet Without(SeatId seat) => new(Bits & ~(UInt128.One << seat.Value));

    public SeatSet Union(SeatSet other) => new(Bits | other.Bits);

    public SeatSet Intersect(SeatSet other) => new(Bits & other.Bits);

    public SeatSet Except(SeatSet other) => new(Bits & ~other.Bits);

    /// <summary>The position of a member in ascending order, or -1 for a seat outside the set.</summary>
    public int IndexOf(SeatId seat) =>
        Contains(seat) ? (int)UInt128.PopCount(Bits & ((UInt128.One << seat.Value) - 1)) : -1;

    /// <summary>The member at a position in ascending order. Throws outside 0..Count-1.</summary>
    public SeatId At(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        UInt128 rest = Bits;
        for (int skipped = 0; skipped < index; skipped++)
        {
            rest &= rest - 1;
        }

        return new SeatId((int)UInt128.TrailingZeroCount(rest));
    }

    public Enumerator GetEnumerator() => new(Bits);

    IEnumerator<SeatId> IEnumerable<SeatId>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Decimal identifiers in ascending order, separated by commas.</summary>
    public override string ToString() => string.Join(',', this.AsEnumerable());

    /// <summary>Walks the set bits upwards without allocating.</summary>
    [StructLayout(LayoutKind.Auto)]
    public struct Enumerator : IEnumerator<SeatId>
    {
        private readonly UInt128 _all;
        private UInt128 _rest;
        private SeatId _current;

        internal Enumerator(UInt128 bits)
        {
            _all = bits;
            _rest = bits;
        }

        public readonly SeatId Current => _current;

        readonly object IEnumerator.Current => _current;

        public bool MoveNext()
        {
            if (_rest == UInt128.Zero)
            {
                return false;
            }

            _current = new SeatId((int)UInt128.TrailingZeroCount(_rest));
            _rest &= _rest - 1;
            return true;
        }

        public void Reset() => _rest = _all;

        public readonly void Dispose()
        {
        }
    }
}
