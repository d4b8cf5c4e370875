using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>
/// Kills nodes and starts them again. A node is killed at a point of its work that the fault names, at the end of the step that reached it: everything
/// after that point is lost and nothing before.
/// </summary>
internal sealed class Crashes(World world)
{
    private static readonly TimeSpan _shortestOutage = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan _longestOutage = TimeSpan.FromSeconds(20);
    private static readonly FaultKind[] _anywhere = [FaultKind.CrashAtRest, FaultKind.GracefulStop];
    private readonly Choices _outages = Choices.For(world.Seed, "outages");
    private readonly Choices _victims = Choices.For(world.Seed, "victims");
    private readonly List<(Node Node, Incarnation Life, FaultKind At)> _doomed = [];

    /// <summary>The node has reached a point at which this fault may kill it.</summary>
    internal void Consider(FaultKind at, Node node)
    {
        if (node.Life.IsAlive && world.Faults.Wants(at))
        {
            _doomed.Add((node, node.Life, at));
        }
    }

    /// <summary>After a step: carries out what it led to, and now and then picks a victim of its own.</summary>
    internal void AfterStep()
    {
        foreach (FaultKind anywhere in _anywhere)
        {
            if (world.Faults.Wants(anywhere))
            {
                Node victim = _victims.Pick(world.Nodes);
                _doomed.Add((victim, victim.Life, anywhere));
            }
        }

        foreach ((Node node, Incarnation life, FaultKind at) in _doomed)
        {
            if (life.IsAlive)
            {
                End(node, at);
            }
        }

        _doomed.Clear();
    }

    /// <summary>Starts every node that is down; those that are still stopping follow when they have stopped.</summary>
    internal void ReviveAll()
    {
        foreach (Node node in world.Nodes)
        {
            StartIfDown(node);
        }
    }

    private void End(Node node, FaultKind at)
    {
        if (at == FaultKind.GracefulStop && (node.IsStopping || !node.IsServing))
        {
            return;
        }

        world.Faults.Count(at);
        if (at == FaultKind.GracefulStop)
        {
            node.Stop();
        }
        else
        {
            world.Trace.Note(node.Name, "is killed", at);
            node.Crash();
        }

        world.Scheduler.PostIn(_outages.Between(_shortestOutage, _longestOutage), world.Outside, () => StartIfDown(node));
    }

    private void StartIfDown(Node node)
    {
        if (!node.Life.IsAlive)
        {
            node.Start();
        }
        else if (node.IsStopping)
        {
            world.Scheduler.PostIn(_shortestOutage, world.Outside, () => StartIfDown(node));
        }
    }
}
