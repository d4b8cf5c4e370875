using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace SignerCluster.Actors.Downing;

/// <summary>
/// Akka's failure detector, to which a member that was declared dead is not available from that moment on. A leader removes only who is down <b>and</b>
/// unreachable, and missing heartbeats alone would say the second four seconds late.
/// </summary>
/// <param name="config">As Akka's own detector has it.</param>
/// <param name="events">The event stream of the actor system, by which its <see cref="DeadNodes"/> are found.</param>
public sealed class WitnessedFailureDetector(Config config, EventStream events) : PhiAccrualFailureDetector(config, events)
{
    private readonly EventStream _events = events;

    // Akka sets the address after it has made the detector.
    public override bool IsAvailable => !(Address is { } address && DeadNodes.Of(_events)?.Contains(address) == true) && base.IsAvailable;
}
