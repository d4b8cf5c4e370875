namespace SignerCluster.Frost.Tests;

public sealed class SeatTests : FrostTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("9", 9)]
    [InlineData("127", 127)]
    public void A_seat_has_one_text(string text, int value)
    {
        Assert.True(SeatId.TryParse(text, out SeatId seat));
        Assert.Equal(value, seat.Value);
        Assert.Equal(text, seat.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData("-0")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\0")]
    [InlineData("0x1")]
    [InlineData("1.0")]
    [InlineData("\u0661")]
    [InlineData("128")]
    [InlineData("256")]
    [InlineData("4294967297")]
    public void Any_other_text_is_not_a_seat(string text) => Assert.False(SeatId.TryParse(text, out _));

    [Theory]
    [InlineData(-1)]
    [InlineData(128)]
    [InlineData(int.MinValue)]
    public void A_seat_is_below_128(int value)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeatId(value));
        Assert.False(SeatId.TryCreate(value, out _));
        Assert.False(SeatId.TryCreate(value + (1L << 32), out _));
    }

    [Fact]
    public void Seats_are_ordered_by_their_number()
    {
        SeatId one = new(1);
        SeatId two = new(2);
        Assert.True(one < two && two > one && one <= two && two >= one && one.CompareTo(two) < 0 && one != two);
    }

    [Fact]
    public void A_set_behaves_as_a_sorted_set() => Secp256k1.Tests.SeededRuns.ForEach(50, static random =>
    {
        SortedSet<int> twin = [];
        SeatSet set = SeatSet.Empty;
        for (int step = 0; step < 60; step++)
        {
            int value = random.Next(128);
            SeatId seat = new(value);
            bool add = random.Next(3) > 0;
            _ = add ? twin.Add(value) : twin.Remove(value);
            set = add ? set.With(seat) : set.Without(seat);
            Assert.Equal(twin.Contains(value), set.Contains(seat));
            Assert.Equal(twin.Contains(value) ? twin.TakeWhile(other => other < value).Count() : -1, set.IndexOf(seat));
        }

        Assert.Equal(twin, set.Select(static seat => seat.Value));
        Assert.Equal((twin.Count, twin.Count == 0), (set.Count, set.IsEmpty));
        Assert.Equal(twin, Enumerable.Range(0, set.Count).Select(index => set.At(index).Value));
        Assert.Equal(string.Join(',', twin), set.ToString());
        Assert.True(SeatSet.TryFromAscending(twin, out SeatSet read));
        Assert.Equal(set, read);
        Assert.Equal(set, SeatSet.FromBits(set.Bits));
    });

    [Fact]
    public void Set_operations_match_those_of_a_sorted_set() => Secp256k1.Tests.SeededRuns.ForEach(50, static random =>
    {
        SeatSet left = Round.PickSeats(random, 128, random.Next(129));
        SeatSet right = Round.PickSeats(random, 128, random.Next(129));
        HashSet<SeatId> twin = [.. left];
        Assert.True(twin.Union(right).ToHashSet().SetEquals(left.Union(right)));
        Assert.True(twin.Intersect(right).ToHashSet().SetEquals(left.Intersect(right)));
        Assert.True(twin.Except(right).ToHashSet().SetEquals(left.Except(right)));
        Assert.Equal(twin.IsSubsetOf(right), left.IsSubsetOf(right));
        Assert.True(left.Intersect(right).IsSubsetOf(right));
    });

    [Fact]
    public void The_full_set_has_128_seats_and_the_empty_one_none()
    {
        Assert.Equal((0, 1, 127, 128), (SeatSet.All(0).Count, SeatSet.All(1).Count, SeatSet.All(127).Count, SeatSet.All(128).Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeatSet.All(129));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeatSet.All(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeatSet.All(3).At(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => SeatSet.All(3).At(-1));
        Assert.Equal(SeatSet.All(2), SeatSet.Of(new SeatId(1), new SeatId(0), new SeatId(1)));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(0, 128)]
    [InlineData(-1, 0)]
    public void A_wire_list_that_is_not_strictly_ascending_within_range_is_refused(int first, int second)
    {
        Assert.False(SeatSet.TryFromAscending([first, second], out SeatSet set));
        Assert.True(set.IsEmpty);
    }
}
