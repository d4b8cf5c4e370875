using System.Text.Json;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Mutants;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Tests;

public sealed class ScenarioFileTests
{
    private static readonly string[] _asked =
    [
        "byzantine-seat", "coordinator-handover", "corrupt-one-job", "corrupt-one-record", "database-failover", "database-restart-under-watch", "duplicate-submit-storm",
        "frozen-node", "guardian-clock-jump", "guardian-restart-mid-withdrawal", "job-crash-between-accept-and-sign",
        "key-provider-outage", "key-rotation-race", "kill-coordinator", "kill-everything-at-once", "kill-participant-after-marker", "kill-participant-before-share", "link-cut",
        "link-half-open", "network-partition", "node-joins-and-leaves", "oldest-node-killed", "registry-outage", "restart-with-authorised-attempt-advance", "rolling-upgrade",
        "shard-rebalance-under-load", "shard-restart-storm", "slow-disk", "split-brain-double-activation", "split-brain-of-the-coordinators",
        "stale-payload-replay",
    ];

    public static TheoryData<string> Files() => [.. Checkout.ScenarioFiles.Select(static path => Path.GetFileName(path)!)];

    [Fact]
    public void Every_scenario_that_was_promised_has_a_file() =>
        Assert.Empty(_asked.Except(Checkout.ScenarioFiles.Select(static path => Path.GetFileNameWithoutExtension(path)), StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_scenario_file_reads_and_says_when_it_has_passed(string file)
    {
        Scenario scenario = await Checkout.ReadAsync(Path.Combine(Checkout.Product.Scenarios, file));
        Assert.Equal(Path.GetFileNameWithoutExtension(file), scenario.Name);
        Assert.NotEmpty(scenario.About);
        Assert.NotEmpty(scenario.Criterion);
        Assert.True(scenario.Load.Sessions > 0);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_edit_of_a_mutant_matches_the_sources_exactly_once(string file)
    {
        Scenario scenario = await Checkout.ReadAsync(Path.Combine(Checkout.Product.Scenarios, file));
        MutantBuild build = new(Checkout.Product);
        Assert.All(scenario.Binaries.Values, mutant => Assert.NotEmpty(build.Apply(mutant)));
    }

    [Theory]
    [InlineData("""{"do":"explode","at":"1s"}""", "explode")]
    [InlineData("""{"do":"kill","at":"1s"}""", "node")]
    [InlineData("""{"do":"kill","node":"a"}""", "exactly one")]
    [InlineData("""{"do":"kill","node":"a","at":"1s","after-finished":3}""", "exactly one")]
    [InlineData("""{"do":"kill","node":"a","at":"soon"}""", "duration")]
    [InlineData("""{"do":"kill","node":"a","at":"1s","colour":"red"}""", "colour")]
    [InlineData("""{"do":"cut","node":"a","at":"1s","server":"oracle"}""", "server: oracle is none of postgres, links, nodes")]
    [InlineData("""{"do":"restart-server","at":"1s","server":"links","how":"clean","for":"1s"}""", "server: links is none of postgres")]
    [InlineData("""{"do":"cut","node":"a","server":"postgres","on":{"node":"a","server":"postgres","sends":"x","hold":"breath"}}""", "breath")]
    public void A_step_that_is_wrong_is_refused_with_what_is_wrong(string step, string told)
    {
        UsageException refused = Assert.Throws<UsageException>(() => Read($$"""{"steps":[{{step}}]"""));
        Assert.Contains(told, refused.Message, StringComparison.Ordinal);
        Assert.Contains("test.conf.steps[0]", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_load_of_withdrawals_has_a_guardian_and_shares_its_cluster_only_with_the_same_rules()
    {
        Scenario plain = Read("""{"cluster":{}""");
        Scenario generous = Load("""{"kind":"withdrawals","sessions":1,"deadline":"1s"}""");
        Scenario tight = Load("""{"kind":"withdrawals","sessions":1,"deadline":"1s","guardian":{"capacity":5,"refill":2,"delay":"1m"}}""");
        Assert.Null(plain.Load.Rules);
        Assert.Equal(3, new HashSet<ClusterShape> { plain.Cluster, generous.Cluster, tight.Cluster }.Count);
        Assert.Equal(
            """{"windows":[{"name":"minute","capacitySat":5,"refillSatPerSecond":2},{"name":"day","capacitySat":50,"refillSatPerSecond":1}],"""
                + "\"maximumAgeSeconds\":1800,\"maximumSkewSeconds\":300,\"looseningDelaySeconds\":60}",
            tight.Load.Rules);
    }

    [Theory]
    [InlineData("""{"kind":"gifts","sessions":1,"deadline":"1s"}""", "gifts")]
    [InlineData("""{"sessions":1,"deadline":"1s","guardian":{}}""", "kind = withdrawals")]
    [InlineData("""{"kind":"withdrawals","sessions":1,"deadline":"1s","guardian":{"speed":1}}""", "speed")]
    public void A_load_that_is_wrong_is_refused_with_what_is_wrong(string load, string told) =>
        Assert.Contains(told, Assert.Throws<UsageException>(() => Load(load)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_that_nobody_reads_is_refused() =>
        Assert.Contains("speed", Assert.Throws<UsageException>(static () => Read("""{"speed":3""")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_range_and_a_single_value_both_read()
    {
        Scenario scenario = Read("""{"steps":[{"do":"kill","node":"a","at":["1s","250ms"]},{"do":"kill","node":"a","after-accepted":7}]""");
        Assert.Equal(new Trigger.At(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(250)), scenario.Steps[0].Trigger);
        Assert.Equal(new Trigger.AfterSessions(Finished: false, 7, 7), scenario.Steps[1].Trigger);
    }

    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("2s", 2000)]
    [InlineData("1.5 s", 1500)]
    [InlineData("-1h", -3_600_000)]
    [InlineData("2m", 120_000)]
    public void A_duration_is_a_number_and_a_unit(string text, double milliseconds)
    {
        Assert.True(Arguments.TryParseDuration(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("s")]
    [InlineData("2 weeks")]
    [InlineData("")]
    public void What_is_no_duration_is_none(string text) => Assert.False(Arguments.TryParseDuration(text, out _));

    private static Scenario Read(string begun) => Whole($$"""{{begun}},"load":{"sessions":1,"deadline":"1s"}""");

    private static Scenario Load(string load) => Whole($$"""{"load":{{load}}""");

    private static Scenario Whole(string begun)
    {
        using JsonDocument document = JsonDocument.Parse(begun + """
            ,"name":"n","about":"a","passes-when":"p","expect":{}}
            """);
        return ScenarioReader.Read(document.RootElement.Clone(), "test.conf");
    }
}
