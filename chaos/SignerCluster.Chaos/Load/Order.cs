using SignerCluster.Chaos.Plans;

namespace SignerCluster.Chaos.Load;

/// <summary>What one caller asks for.</summary>
/// <param name="Log">Shared by all who ask for the same.</param>
internal sealed record Order(PlannedSession Session, SessionLog Log)
{
    /// <summary>Below the group.</summary>
    internal string Path => Log.Payment is null ? "sessions" : "withdrawals";

    internal object Body => Log.Payment is { } payment
        ? new { withdrawalId = Session.Session, psbt = payment.Psbt }
        : new { sessionId = Session.Session, message = Session.Message };
}
