using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Simulator.Simulated;

/// <summary>A node that takes clients' requests.</summary>
internal interface ICoordinates
{
    /// <summary>Asks the session for a client, wherever it lives; null when no answer came.</summary>
    Task<CoordinatorAnswer?> AskAsync(CoordinatorAddress session, CoordinatorCommand command);
}
