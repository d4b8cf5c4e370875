using Microsoft.Extensions.Logging;
using SignerCluster.Conformance;
using SignerCluster.Protocol.CovenantJob;
using SignerCluster.Trust.Registries;

namespace SignerCluster.Trust.Tests.Registries;

/// <summary>What a node knows of its registry while the file comes, changes, grows old and goes.</summary>
public sealed class RegistryFileTests : IDisposable
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("signer-registry-");
    private readonly ManualTime _time = new();
    private readonly Lines _lines = new();

    private string File => Path.Combine(_folder.FullName, "registry.json");

    private DateTimeOffset Now => _time.GetUtcNow();

    private long NowSeconds => Now.ToUnixTimeSeconds();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void C6_What_the_file_says_is_available_and_what_it_does_not_say_is_unknown()
    {
        Write(SampleRegistry.Text);
        using RegistryFile registry = Open();
        RegistryFacts facts = registry.Ask("alpha");
        Assert.Equal(7UL, Assert.IsType<Reading<ReserveRecord>.Available>(facts.Reserve).Value.Epoch);
        Assert.Equal(850_000u, Assert.IsType<Reading<uint>.Available>(facts.Height).Value);
        Assert.All(
            ["gamma", "Alpha", "alpha ", string.Empty, null!],
            reserve => Assert.IsType<Reading<ReserveRecord>.Unknown>(registry.Ask(reserve).Reserve));
        Assert.IsType<Reading<uint>.Available>(registry.Ask("gamma").Height);
    }

    [Fact]
    public void C6_A_registry_without_a_height_does_not_know_it()
    {
        Write(SampleRegistry.Text.Replace("\"height\":850000,", string.Empty, StringComparison.Ordinal));
        using RegistryFile registry = Open();
        Assert.IsType<Reading<uint>.Unknown>(registry.Ask("alpha").Height);
        Assert.IsType<Reading<ReserveRecord>.Available>(registry.Ask("alpha").Reserve);
    }

    [Fact]
    public void C6_A_change_is_seen_a_second_later_also_where_length_and_stamps_are_the_same()
    {
        Write(SampleRegistry.Text);
        DateTime written = System.IO.File.GetLastWriteTimeUtc(File);
        using RegistryFile registry = Open();
        Write(SampleRegistry.TextAsOf(SampleRegistry.AsOf + 1).Replace("\"epoch\":7", "\"epoch\":8", StringComparison.Ordinal));
        System.IO.File.SetLastWriteTimeUtc(File, written);
        Assert.Equal(7UL, EpochOf(registry));
        _time.Advance(_second);
        Assert.Equal(8UL, EpochOf(registry));
        Assert.StartsWith($"Information 1111 The registry {File} is in use", Assert.Single(_lines.All), StringComparison.Ordinal);
    }

    [Fact]
    public void C6_A_file_that_goes_is_an_outage_since_then_and_one_that_returns_is_used_at_once()
    {
        Write(SampleRegistry.Text);
        using RegistryFile registry = Open();
        System.IO.File.Delete(File);
        _time.Advance(_second);
        DateTimeOffset gone = Now;
        _time.Advance(TimeSpan.FromMinutes(1));
        Unavailable(registry, RegistryReason.Missing, gone);
        Write(SampleRegistry.Text);
        _time.Advance(_second);
        Assert.Equal(7UL, EpochOf(registry));
        Assert.Equal(3, _lines.All.Count);
        Assert.StartsWith($"Warning 1112 The registry {File} is not used (registry_missing)", _lines.All[1], StringComparison.Ordinal);
    }

    [Fact]
    public void C6_A_file_that_was_never_there_is_an_outage_since_the_start()
    {
        DateTimeOffset start = Now;
        using RegistryFile registry = Open();
        _time.Advance(TimeSpan.FromSeconds(3));
        Unavailable(registry, RegistryReason.Missing, start);
        Directory.CreateDirectory(File);
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.Unreadable, Now);
    }

    [Fact]
    public void C6_A_good_registry_does_not_stay_in_use_when_the_new_one_is_bad()
    {
        using RegistryFile registry = Open();
        foreach ((byte[] bad, string reason) in Bad())
        {
            Write(SampleRegistry.TextAsOf(NowSeconds));
            _time.Advance(_second);
            Assert.Equal(7UL, EpochOf(registry));
            System.IO.File.WriteAllBytes(File, bad);
            _time.Advance(_second);
            DateTimeOffset since = Now;
            _time.Advance(_second);
            Unavailable(registry, reason, since);
        }
    }

    [Fact]
    public void C6_Each_change_of_standing_is_said_once_and_never_what_is_in_the_file()
    {
        Write(SampleRegistry.Text);
        using RegistryFile registry = Open();
        foreach ((byte[] bad, _) in Bad())
        {
            System.IO.File.WriteAllBytes(File, bad);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(1 + Bad().Count(), _lines.All.Count);
        Assert.All(Bad().Zip(_lines.All.Skip(1)), static said => Assert.Contains($"({said.First.Reason})", said.Second, StringComparison.Ordinal));
        Assert.All(_lines.All, static line => Assert.DoesNotContain("alpha", line, StringComparison.Ordinal));
        Assert.All(_lines.All, static line => Assert.DoesNotContain(SampleRegistry.Key1, line, StringComparison.Ordinal));
    }

    [Fact]
    public void C6_A_registry_that_grows_old_is_an_outage_from_that_moment_on_also_between_two_looks()
    {
        Write(SampleRegistry.Text);
        DateTimeOffset end = Now + RegistrySettings.DefaultMaximumAge;
        using RegistryFile registry = Open();
        _time.Advance(RegistrySettings.DefaultMaximumAge);
        Assert.Equal(7UL, EpochOf(registry));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Unavailable(registry, RegistryReason.Stale, end);
        Assert.Single(_lines.All);
        _time.Advance(TimeSpan.FromMinutes(1));
        Unavailable(registry, RegistryReason.Stale, end);
        Assert.Equal(2, _lines.All.Count);
        Write(SampleRegistry.TextAsOf(NowSeconds));
        _time.Advance(_second);
        Assert.Equal(7UL, EpochOf(registry));
    }

    [Fact]
    public void C6_Where_age_has_no_limit_an_old_registry_is_used()
    {
        Write(SampleRegistry.Text);
        using RegistryFile registry = Open(TimeSpan.Zero);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(7UL, EpochOf(registry));
    }

    [Fact]
    public void C6_A_registry_from_the_future_is_used_when_its_time_comes_and_bars_no_other_before()
    {
        Write(SampleRegistry.TextAsOf(NowSeconds + 302));
        using RegistryFile registry = Open();
        Unavailable(registry, RegistryReason.FromTheFuture, Now);
        Write(SampleRegistry.TextAsOf(NowSeconds));
        _time.Advance(_second);
        Assert.Equal(7UL, EpochOf(registry));
        Write(SampleRegistry.TextAsOf(NowSeconds + 302));
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.FromTheFuture, Now);
        _time.Advance(_second);
        Assert.Equal(7UL, EpochOf(registry));
    }

    [Fact]
    public void C6_An_older_registry_than_one_that_was_read_before_is_an_outage_also_after_others()
    {
        Write(SampleRegistry.TextAsOf(NowSeconds));
        using RegistryFile registry = Open();
        Write(SampleRegistry.TextAsOf(NowSeconds - 1));
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.RolledBack, Now);
        DateTimeOffset since = Now;
        Write(SampleRegistry.TextAsOf(NowSeconds - 2));
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.RolledBack, since);
        System.IO.File.Delete(File);
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.Missing, Now);
        Write(SampleRegistry.TextAsOf(SampleRegistry.AsOf - 1));
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.RolledBack, Now);
        Write(SampleRegistry.TextAsOf(SampleRegistry.AsOf));
        _time.Advance(_second);
        Assert.Equal(7UL, EpochOf(registry));
    }

    [Fact]
    public void C6_Of_two_registries_of_one_second_that_differ_the_second_is_not_used()
    {
        Write(SampleRegistry.Text);
        using RegistryFile registry = Open();
        // The same, signed anew, is the same.
        System.IO.File.WriteAllBytes(File, SampleRegistry.Sign(SampleRegistry.Text));
        _time.Advance(_second);
        Assert.Equal(7UL, EpochOf(registry));
        Write(SampleRegistry.Text.Replace("\"epoch\":7", "\"epoch\":8", StringComparison.Ordinal));
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.RolledBack, Now);
    }

    [Fact]
    public void C6_A_look_that_does_not_end_is_an_outage_after_half_a_minute()
    {
        Write(SampleRegistry.Text);
        using RegistryFile registry = Open();
        DateTimeOffset looked = Now;
        // Nobody looks any more.
        registry.Dispose();
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(7UL, EpochOf(registry));
        _time.Advance(_second);
        Unavailable(registry, RegistryReason.Unreadable, looked);
    }

    [Fact]
    public void A_file_that_is_closed_is_not_looked_at_any_more()
    {
        Open().Dispose();
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void Every_reason_comes_with_what_to_do() => Assert.All(
        [
            RegistryReason.Missing, RegistryReason.Unreadable, RegistryReason.Malformed, RegistryReason.SignatureInvalid, RegistryReason.NetworkMismatch,
            RegistryReason.Stale, RegistryReason.FromTheFuture, RegistryReason.RolledBack,
        ],
        static reason => Assert.NotEmpty(RegistryReason.Advice(reason)));

    private static IEnumerable<(byte[] File, string Reason)> Bad()
    {
        long late = SampleRegistry.AsOf + 3_600;
        yield return ("{"u8.ToArray(), RegistryReason.Malformed);
        yield return (SampleRegistry.Seal(SampleRegistry.TextAsOf(late), SampleRegistry.Stranger), RegistryReason.SignatureInvalid);
        yield return (
            SampleRegistry.Seal(SampleRegistry.Text.Replace("\"regtest\"", "\"signet\"", StringComparison.Ordinal)), RegistryReason.NetworkMismatch);
        yield return (SampleRegistry.Seal(SampleRegistry.TextAsOf(late)), RegistryReason.FromTheFuture);
        yield return (SampleRegistry.Seal(SampleRegistry.TextAsOf(SampleRegistry.AsOf - 1)), RegistryReason.RolledBack);
        yield return ([], RegistryReason.Malformed);
    }

    private static ulong EpochOf(RegistryFile registry) =>
        Assert.IsType<Reading<ReserveRecord>.Available>(registry.Ask("alpha").Reserve).Value.Epoch;

    private static void Unavailable(RegistryFile registry, string reason, DateTimeOffset since)
    {
        foreach (string reserve in (string[])["alpha", "gamma"])
        {
            RegistryFacts facts = registry.Ask(reserve);
            Assert.Equal(new Reading<ReserveRecord>.Unavailable(reason, since), facts.Reserve);
            Assert.Equal(new Reading<uint>.Unavailable(reason, since), facts.Height);
        }
    }

    private void Write(string registry) => System.IO.File.WriteAllBytes(File, SampleRegistry.Seal(registry));

    private RegistryFile Open(TimeSpan? maximumAge = null) => RegistryFile.Open(
        new RegistrySettings(File, SampleRegistry.Signer.Public, RegistryNetwork.Regtest)
        {
            MaximumAge = maximumAge ?? RegistrySettings.DefaultMaximumAge,
        },
        _time,
        _lines);

    private sealed class Lines : ILogger<RegistryFile>
    {
        internal List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}");
    }
}
