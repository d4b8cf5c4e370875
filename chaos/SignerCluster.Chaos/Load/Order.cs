using SignerCluster.Chaos.Plans;

namespace SignerCluster.Chaos.Load;

/// <summary>What one caller asks for.</summary>
/// <param name="Log">Shared by all who ask for the same.</param>
internal sealed record Order(PlannedSession Session, SessionLog Log)
{
    internal object Body => Log switch
    {
        { Job: { } job } => job.Body,
        { Payment: { } payment } => new { withdrawalId = Session.Session, psbt = payment.Psbt },
        _ => new { sessionId = Session.Session, message = Session.Message },
    };

    /// <summary>Below a coordinator's address.</summary>
    internal string PathOf(string group) => Log switch
    {
        { Job: { } job } => $"v1/{job.Route}/signer/requests",
        { Payment: not null } => $"v1/groups/{group}/withdrawals",
        _ => $"v1/groups/{group}/sessions",
    };
}
