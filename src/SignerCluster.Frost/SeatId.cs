using System.Globalization;

namespace SignerCluster.Frost;

/// <summary>A signer of a group by its BIP-445 identifier, 0..127. Its polynomial is evaluated at the identifier plus one.</summary>
public readonly record struct SeatId : IComparable<SeatId>
{
    /// <summary>BIP-445 caps a group at 128 participants.</summary>
    public const int MaxCount = 128;

    private readonly byte _value;

    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> outside 0..127.</summary>
    public SeatId(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(value, MaxCount);
        _value = (byte)value;
    }

    public int Value => _value;

    public static bool operator <(SeatId left, SeatId right) => left._value < right._value;

    public static bool operator >(SeatId left, SeatId right) => left._value > right._value;

    public static bool operator <=(SeatId left, SeatId right) => left._value <= right._value;

    public static bool operator >=(SeatId left, SeatId right) => left._value >= right._value;

    /// <summary>False outside 0..127.</summary>
    public static bool TryCreate(long value, out SeatId seat)
    {
        bool valid = value is >= 0 and < MaxCount;
        seat = valid ? new SeatId((int)value) : default;
        return valid;
    }

    /// <summary>Parses the canonical decimal form only: no sign, no blank, no leading zero.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SeatId seat)
    {
        seat = default;
        // The framework's parser ignores trailing null characters, which would give a seat many texts.
        return !text.ContainsAnyExceptInRange('0', '9')
            && byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte value)
            && (text.Length == 1 || text[0] != '0')
            && TryCreate(value, out seat);
    }

    public int CompareTo(SeatId other) => _value.CompareTo(other._value);

    public override string ToString() => _value.ToString(CultureInfo.InvariantCulture);
}
