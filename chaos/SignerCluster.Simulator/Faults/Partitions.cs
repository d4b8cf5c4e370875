using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>Cuts nodes off, from everybody or in one direction of one link, and heals them after a while.</summary>
internal sealed class Partitions(World world)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);
    private readonly Choices _choices = Choices.For(world.Seed, "partitions");

    internal void AfterStep()
    {
        if (world.Faults.Happens(FaultKind.NodeCutOff))
        {
            Node alone = _choices.Pick(world.Nodes);
            world.Trace.Note(alone.Name, "is cut off");
            Cut([.. world.Nodes.Where(node => node != alone).SelectMany(node => (IEnumerable<(Node, Node)>)[(alone, node), (node, alone)])]);
        }

        if (world.Faults.Happens(FaultKind.LinkCutOneWay))
        {
            (Node from, Node to) = (_choices.Pick(world.Nodes), _choices.Pick(world.Nodes));
            world.Trace.Note(from.Name, "does not reach", to.Name);
            Cut([(from, to)]);
        }
    }

    private void Cut((Node From, Node To)[] links)
    {
        foreach ((Node from, Node to) in links)
        {
            world.Network.Cut(from, to);
        }

        world.Scheduler.PostIn(_choices.Between(_shortest, _longest), world.Outside, () =>
        {
            foreach ((Node from, Node to) in links)
            {
                world.Network.Heal(from, to);
            }
        });
    }
}
