
namespace SignerCluster.Trust.Tests;

/// <summary>Nothing that could be replayed is forgotten, and what could not be remembered is not taken.</summary>
public sealed class ReplayWindowTests
{
    private readonly SettableTime _time = new();

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public void An_id_is_taken_once()
    {
        ReplayWindow window = Window();
        Assert.Equal(Admission.Taken, window.Admit(Id(1), Now + 30_000));
        Assert.Equal(Admission.Seen, window.Admit(Id(1), Now + 30_000));
        Assert.Equal(Admission.Seen, window.Admit(Id(1), Now + 35_000));
        Assert.Equal(Admission.Taken, window.Admit(Id(2), Now + 30_000));
    }

    [Fact]
    public async Task Of_many_equal_ids_at_once_exactly_one_is_taken()
    {
        ReplayWindow window = Window();
        long expiry = Now + 30_000;
        Admission[] admissions = await Task.WhenAll(Enumerable.Range(0, 64).Select(number => Task.Run(() => window.Admit(Id(number % 4), expiry))));
        Assert.Equal((4, 60), (admissions.Count(static one => one == Admission.Taken), admissions.Count(static one => one == Admission.Seen)));
        Assert.Equal(4, window.Count);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(30_000, true)]
    [InlineData(40_000, true)]
    [InlineData(40_001, false)]
    [InlineData(-1, false)]
    public void Only_what_expires_soon_enough_is_taken(long left, bool isTaken) =>
        Assert.Equal(isTaken ? Admission.Taken : Admission.OutOfTime, Window().Admit(Id(1), Now + left));

    [Fact]
    public void A8_A_full_window_refuses_the_new_one_and_forgets_none_until_they_expire()
    {
        ReplayWindow window = Window(capacity: 3);
        long first = Now + 30_000;
        Assert.All(Enumerable.Range(0, 3), number => Assert.Equal(Admission.Taken, window.Admit(Id(number), first)));
        _time.Move(TimeSpan.FromSeconds(29.9));
        Assert.All(Enumerable.Range(10, 10), number => Assert.Equal(Admission.Full, window.Admit(Id(number), Now + 30_000)));
        Assert.All(Enumerable.Range(0, 3), number => Assert.Equal(Admission.Seen, window.Admit(Id(number), first)));
        _time.Move(TimeSpan.FromSeconds(2));
        Assert.Equal(Admission.Taken, window.Admit(Id(10), Now + 30_000));
        Assert.Equal(Admission.OutOfTime, window.Admit(Id(0), first));
        Assert.Equal(1, window.Count);
    }

    [Fact]
    public void What_was_signed_before_the_process_began_is_not_taken_since_it_may_have_been_taken_before()
    {
        long signedBefore = Now + 30_000;
        _time.Move(TimeSpan.FromSeconds(5));
        ReplayWindow window = Window();
        Assert.Equal(Admission.SignedTooEarly, window.Admit(Id(1), signedBefore));
        Assert.Equal(Admission.Taken, window.Admit(Id(2), Now + 30_000));
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_nothing_new_that_was_taken_and_forgotten()
    {
        ReplayWindow window = Window();
        long expiry = Now + 30_000;
        Assert.Equal(Admission.Taken, window.Admit(Id(1), expiry));
        _time.Move(TimeSpan.FromHours(1));
        Assert.Equal(Admission.Taken, window.Admit(Id(2), Now + 30_000));
        Assert.Equal(1, window.Count);

        _time.Move(-TimeSpan.FromHours(1));
        Assert.Equal(Admission.SignedTooEarly, window.Admit(Id(1), expiry));
        Assert.Equal(Admission.Taken, window.Admit(Id(3), expiry + 1));
    }

    /// <summary>Under any walk of the clock and any order of ids no id is ever taken twice.</summary>
    [Fact]
    public void No_id_is_taken_twice_whatever_the_clock_does()
    {
        int seed = Random.Shared.Next();
        Random random = new(seed);
        ReplayWindow window = Window(capacity: 50);
        Dictionary<int, long> expiries = [];
        HashSet<int> taken = [];
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(4) == 0)
            {
                _time.Move(TimeSpan.FromMilliseconds(random.Next(30) == 0 ? random.Next(-100_000, 100_000) : random.Next(0, 2_000)));
            }

            int number = random.Next(Math.Max(0, expiries.Count - 60), expiries.Count + 1);
            expiries.TryAdd(number, Now + random.Next(25_000, 40_000));
            if (window.Admit(Id(number), expiries[number]) == Admission.Taken)
            {
                Assert.True(taken.Add(number), $"seed {seed}: id {number} was taken twice at step {step}");
            }

            Assert.InRange(window.Count, 0, 50);
        }

        Assert.True(taken.Count > 100, $"seed {seed}: only {taken.Count} were taken, so this proves little");
    }

    private static MessageId Id(int number) => new((UInt128)number);

    private ReplayWindow Window(int capacity = 1000) => new(new MessageSettings { ReplayCapacity = capacity }, _time);

    /// <summary>A wall clock that also goes back.</summary>
    private sealed class SettableTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        internal void Move(TimeSpan by) => _now += by;
    }
}
