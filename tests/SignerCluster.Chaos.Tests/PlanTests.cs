using SignerCluster.Chaos.Plans;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Tests;

public sealed class PlanTests
{
    private static readonly PlannedNode[] _nodes =
        [new("coordinator-1", true), new("coordinator-2", true), new("alice-1", false), new("bob-1", false), new("carol-1", false)];

    public static TheoryData<string> Files() => [.. Checkout.ScenarioFiles.Select(static path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_same_seed_gives_the_same_plan_and_another_seed_another(string file)
    {
        Scenario scenario = await Checkout.ReadAsync(Path.Combine(Checkout.Product.Scenarios, file));
        Assert.Equal(Written(scenario, 7), Written(scenario, 7));
        Assert.NotEqual(Written(scenario, 7), Written(scenario, 8));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_node_and_group_that_a_scenario_names_is_in_the_cluster_that_it_asks_for(string file)
    {
        Scenario scenario = await Checkout.ReadAsync(Path.Combine(Checkout.Product.Scenarios, file));
        Plan plan = new(scenario, 1, "1", NodesOf(scenario));
        foreach (string selector in Selectors(scenario))
        {
            Assert.NotEmpty(plan.Nodes(selector, 0, 0));
        }

        Assert.Equal(scenario.Load.Sessions, plan.Sessions.Select(static session => session.Session).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_step_that_is_done_again_draws_its_node_again()
    {
        Plan plan = new(await Checkout.ReadAsync(Path.Combine(Checkout.Product.Scenarios, "ten-thousand.conf")), 1, "1", _nodes);
        Assert.Equal(
            _nodes.Length, Enumerable.Range(0, 100).Select(round => Assert.Single(plan.Nodes("any", 0, round))).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>As the cluster verb names them.</summary>
    private static PlannedNode[] NodesOf(Scenario scenario) =>
    [
        .. Enumerable.Range(1, scenario.Cluster.Coordinators).Select(static number => new PlannedNode($"coordinator-{number}", true)),
        .. Enumerable.Range(1, scenario.Cluster.ParticipantNodes)
            .SelectMany(number => ((string[])["alice", "bob", "carol"]).Select(party => new PlannedNode($"{party}-{number}", false))),
    ];

    private static IEnumerable<string> Selectors(Scenario scenario) =>
    [
        .. scenario.Steps.Where(static step => step.Arguments.Has("node")).SelectMany(static step => step.Arguments.Texts("node")),
        .. scenario.Steps.Select(static step => step.Trigger).OfType<Trigger.OnTraffic>().Select(static on => on.Node),
        .. scenario.Binaries.Values.SelectMany(static mutant => mutant.Nodes),
        .. scenario.Load.To is { } to ? [to] : Array.Empty<string>(),
    ];

    private static string Written(Scenario scenario, long seed)
    {
        Plan plan = new(scenario, seed, "1", _nodes);
        return string.Join('\n', [.. plan.Sessions.Select(static session => session.ToString()), .. plan.Steps.Select(static step => step.Trigger.ToString())]);
    }
}
