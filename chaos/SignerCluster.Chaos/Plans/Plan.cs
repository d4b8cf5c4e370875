using System.Security.Cryptography;
using System.Text;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Plans;

/// <summary>
/// What a seed makes of a scenario: which sessions, in which order, to whom first; when each fault, and on which nodes. The same scenario, nodes and seed give
/// the same plan in every process. What the machine makes of it is another matter: real processes are not deterministic.
/// </summary>
internal sealed class Plan
{
    private readonly Scenario _scenario;
    private readonly IReadOnlyList<PlannedNode> _nodes;
    private readonly long _seed;

    /// <param name="run">Tells apart the runs that share a cluster, so that no session id comes twice.</param>
    /// <param name="nodes">In the order of the cluster's file.</param>
    internal Plan(Scenario scenario, long seed, string run, IReadOnlyList<PlannedNode> nodes)
    {
        (_scenario, _seed, _nodes) = (scenario, seed, nodes);
        int coordinators = Math.Max(1, nodes.Count(static node => node.IsCoordinator));
        int first = scenario.Load.To is { } to ? Math.Max(0, nodes.Where(static node => node.IsCoordinator).ToList().FindIndex(node => node.Name == to)) : -1;
        Random random = Source("load", 0);
        Sessions =
        [
            .. Enumerable.Range(0, scenario.Load.Sessions).Select(index => new PlannedSession(
                $"{scenario.Name}-{seed}-{run}-{index}", Message(index), first >= 0 ? first : random.Next(coordinators))),
        ];
        Steps = [.. scenario.Steps.Select(step => new PlannedStep(step, Resolve(step.Trigger, Source("trigger", step.Number))))];
    }

    internal IReadOnlyList<PlannedSession> Sessions { get; }

    internal IReadOnlyList<PlannedStep> Steps { get; }

    /// <summary>
    /// The nodes that a step means by a name or group; one that is drawn is drawn by the seed, the step and how often the step was done before.
    /// </summary>
    internal IReadOnlyList<string> Nodes(string selector, int step, int round)
    {
        string[] all = [.. _nodes.Where(node => Fits(selector, node)).Select(static node => node.Name)];
        if (all.Length == 0)
        {
            throw new UsageException(
                $"{_scenario.Name}: there is no node {selector}. The nodes are: {string.Join(", ", _nodes.Select(static node => node.Name))}; the groups: "
                + $"{string.Join(", ", Words.Groups)}.");
        }

        return selector.StartsWith("any", StringComparison.Ordinal) ? [all[Source($"node-{round}", step).Next(all.Length)]] : all;
    }

    private static bool Fits(string selector, PlannedNode node) => selector switch
    {
        "all" or "any" => true,
        "all-coordinators" or "any-coordinator" => node.IsCoordinator,
        "all-participants" or "any-participant" => !node.IsCoordinator,
        _ => selector == node.Name,
    };

    private static Trigger Resolve(Trigger trigger, Random random) => trigger switch
    {
        Trigger.At at => At(at.From + (at.To - at.From) * random.NextDouble()),
        Trigger.AfterSessions after => Exactly(after, random.Next(after.From, after.To + 1)),
        Trigger.OnTraffic on => Exactly(on, random.Next(on.From, on.To + 1)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static Trigger.At At(TimeSpan time) => new(time, time);

    private static Trigger.AfterSessions Exactly(Trigger.AfterSessions after, int count) => after with { From = count, To = count };

    private static Trigger.OnTraffic Exactly(Trigger.OnTraffic on, int nth) => on with { From = nth, To = nth };

    private string Message(int index) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_scenario.Name}/{_seed}/{index}")));

    /// <summary>A source of its own for each purpose, so that one more draw in one place changes no other.</summary>
    private Random Source(string purpose, int number)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{_scenario.Name}/{_seed}/{purpose}/{number}"));
        return new Random(BitConverter.ToInt32(digest));
    }
}

/// <summary>A node as a plan knows it.</summary>
internal readonly record struct PlannedNode(string Name, bool IsCoordinator);

/// <summary>One session that a client will ask for.</summary>
/// <param name="Message">64 hex digits.</param>
/// <param name="First">The number of the coordinator that is asked first.</param>
internal sealed record PlannedSession(string Session, string Message, int First);

/// <summary>A step whose trigger has no range any more.</summary>
internal sealed record PlannedStep(Step Step, Trigger Trigger);
