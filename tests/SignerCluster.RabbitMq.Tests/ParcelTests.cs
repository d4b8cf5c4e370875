using SignerCluster.Protocol.Entities;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>Letters that travel as one message of the broker, and how they are packed.</summary>
public sealed class ParcelTests
{
    [Fact]
    public void The_bytes_of_a_parcel_are_those_that_other_versions_read()
    {
        Parcel parcel = new();
        Assert.True(parcel.TryAdd(new Letter(LetterKind.Ask, 0x0102030405060708, "seat/a/b/0", (byte[])[0xaa, 0xbb])));
        Assert.True(parcel.TryAdd(new Letter(LetterKind.Reply, 9, string.Empty, default)));
        Assert.Equal(
            "01" + "0102030405060708" + "0a" + "736561742f612f622f30" + "00000002" + "aabb" + "02" + "0000000000000009" + "00" + "00000000",
            Convert.ToHexStringLower(parcel.ToBytes()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Letters_come_out_as_they_went_in_and_in_their_order(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            Letter[] letters = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => Any(random))];
            ReadOnlyMemory<byte> rest = Pack(letters);
            Assert.All(letters, letter =>
            {
                Assert.True(Parcel.TryTake(ref rest, out Letter taken));
                Assert.Equal((letter.Kind, letter.Correlation, letter.Entity), (taken.Kind, taken.Correlation, taken.Entity));
                Assert.Equal(letter.Body.ToArray(), taken.Body.ToArray());
            });
            Assert.True(rest.IsEmpty);
        }
    }

    [Fact]
    public void Whatever_was_cut_off_only_whole_letters_come_out()
    {
        Random random = new(4);
        Letter[] letters = [.. Enumerable.Range(0, 5).Select(_ => Any(random))];
        byte[] bytes = Pack(letters);
        int[] ends = [.. letters.Select((_, index) => Pack(letters[..(index + 1)]).Length)];
        for (int length = 0; length <= bytes.Length; length++)
        {
            ReadOnlyMemory<byte> rest = bytes.AsMemory(0, length);
            int taken = 0;
            while (Parcel.TryTake(ref rest, out _))
                taken++;
            Assert.Equal(ends.Count(end => end <= length), taken);
            Assert.Equal(rest.IsEmpty, length == 0 || ends.Contains(length));
        }
    }

    [Theory]
    [InlineData("01 0000000000000001 00 ffffffff")]
    [InlineData("01 0000000000000001 00 80000000")]
    [InlineData("01 0000000000000001 00 7fffffff aa")]
    [InlineData("01 0000000000000001 ff 00000000")]
    public void A_length_that_lies_makes_it_no_letter(string hex)
    {
        ReadOnlyMemory<byte> rest = Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
        Assert.False(Parcel.TryTake(ref rest, out _));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Anything_at_all_is_read_to_its_end_without_a_fault(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 2000; round++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            // Most lengths would reach far beyond the bytes.
            bytes.AsSpan().Replace((byte)0xff, (byte)0);
            ReadOnlyMemory<byte> rest = bytes;
            int before = rest.Length;
            while (Parcel.TryTake(ref rest, out Letter letter))
            {
                Assert.True(rest.Length < before && letter.Body.Length + letter.Entity.Length < before);
                before = rest.Length;
            }
        }
    }

    [Fact]
    public void Letters_for_one_place_share_a_parcel_and_keep_their_order()
    {
        Departure departure = new();
        for (ulong number = 0; number < 12; number++)
            departure.Add(To(number % 3 == 0 ? "alice" : "bob", new Letter(LetterKind.Ask, number, "echo/x", default)));
        Assert.Equal(["in.alice", "in.bob"], departure.Loads.Select(static load => load.Exchange));
        Assert.Equal([0ul, 3, 6, 9], Correlations(departure.Loads[0]));
        Assert.Equal([1ul, 2, 4, 5, 7, 8, 10, 11], Correlations(departure.Loads[1]));
        Assert.All(departure.Loads, static load => Assert.True(load.IsOfAsks));
    }

    [Fact]
    public void Groups_of_one_party_do_not_share_a_parcel()
    {
        Departure departure = new();
        departure.Add(To("alice", new Letter(LetterKind.Ask, 1, "echo/x", default), "one"));
        departure.Add(To("alice", new Letter(LetterKind.Ask, 2, "echo/y", default), "two"));
        Assert.Equal(["one", "two"], departure.Loads.Select(static load => load.RoutingKey));
    }

    [Fact]
    public void A_parcel_that_is_full_is_followed_by_another_and_a_great_letter_travels_alone()
    {
        Departure departure = new();
        int[] sizes = [Parcel.MaximumSharedBytes / 2, Parcel.MaximumSharedBytes / 3, Parcel.MaximumSharedBytes / 3, 2 * Parcel.MaximumSharedBytes, 10, 10];
        for (int number = 0; number < sizes.Length; number++)
            departure.Add(To("alice", new Letter(LetterKind.Ask, (ulong)number, "echo/x", new byte[sizes[number]])));
        Assert.Equal([[0ul, 1], [2], [3], [4, 5]], departure.Loads.Select(Correlations));
    }

    [Fact]
    public void A_departure_is_full_at_its_limit_and_empty_when_it_was_cleared()
    {
        Departure departure = new();
        for (int number = 0; number < Departure.MaximumLetters; number++)
        {
            Assert.False(departure.IsFull);
            departure.Add(To("alice", new Letter(LetterKind.Ask, (ulong)number, "echo/x", default)));
        }

        Assert.True(departure.IsFull);
        departure.Clear();
        Assert.Empty(departure.Loads);
        Assert.False(departure.IsFull);
    }

    private static Letter Any(Random random)
    {
        byte[] body = new byte[random.Next(50)];
        random.NextBytes(body);
        return new Letter((LetterKind)random.Next(1, 4), (ulong)random.NextInt64(), new string('e', random.Next(256)), body);
    }

    private static byte[] Pack(IEnumerable<Letter> letters)
    {
        Parcel parcel = new();
        Assert.All(letters, letter => Assert.True(parcel.TryAdd(letter)));
        return parcel.ToBytes();
    }

    private static Outgoing To(string party, Letter letter, string group = "group")
    {
        PendingAsks waiting = new(1, TimeProvider.System);
        return new Outgoing(BrokerNames.Requests(party), group, letter, waiting.Add(EntityId.Parse("echo/x"), party));
    }

    private static ulong[] Correlations(Departure.Load load)
    {
        List<ulong> correlations = [];
        ReadOnlyMemory<byte> rest = load.Parcel.ToBytes();
        while (Parcel.TryTake(ref rest, out Letter letter))
            correlations.Add(letter.Correlation);
        return [.. correlations];
    }
}
