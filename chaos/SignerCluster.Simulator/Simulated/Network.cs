using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Seats;
using SignerCluster.Simulator.Faults;
using SignerCluster.Simulator.Kernel;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// What is between the nodes: loses, repeats, delays, reorders, cuts off, and now and then delivers to the wrong one of two nodes that share a store.
/// </summary>
internal abstract class Network(World world)
{
    private static readonly TimeSpan _longestDelay = TimeSpan.FromSeconds(8);
    private readonly HashSet<(Node From, Node To)> _cut = [];

    protected static TimeSpan Shortest { get; } = TimeSpan.FromMilliseconds(1);

    protected World World => world;

    internal void Cut(Node from, Node to) => _cut.Add((from, to));

    internal void Heal(Node from, Node to) => _cut.Remove((from, to));

    internal void HealAll() => _cut.Clear();

    /// <summary>A node has died: who waits for its replies is told so, where a broken connection tells.</summary>
    internal abstract void Disconnect(Incarnation dead);

    /// <summary>A message that no node of the world sent; nobody waits for its answer.</summary>
    internal abstract void Inject(SeatAddress seat, IReadOnlyList<SeatRequest> requests);

    protected bool IsCut(Node from, Node to) => _cut.Contains((from, to));

    protected Operator OperatorOf(EntityId to) =>
        to.Kind == EntityKind.SigningSession ? world.Operators[EntityAddress.ToSeat(to).Seat.Value] : world.Coordination;

    protected TimeSpan Delay(FaultKind kind) => world.Faults.Happens(kind) ? world.Faults.Details(kind).Between(Shortest, _longestDelay) : TimeSpan.Zero;
}
