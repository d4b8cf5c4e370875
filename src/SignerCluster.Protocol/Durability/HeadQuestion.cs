namespace SignerCluster.Protocol.Durability;

/// <summary>
/// How an activation asks whether anybody else has written (D8): Akka's own question for a replay that begins after everything. The journal answers with the
/// number of the entity's last row and replays nothing.
/// </summary>
public static class HeadQuestion
{
    /// <summary>The first number of the replay that is not wanted.</summary>
    public const long From = long.MaxValue;
}
