namespace SignerCluster.Actors.Downing;

/// <summary>What an operator should know about the number of nodes that a party runs.</summary>
public static class NodeCountAdvice
{
    /// <summary>
    /// A warning, or null where there is none to give. One node has nobody to down or to be downed by: it recovers by being restarted. Three or more survive
    /// one that is killed, frozen or cut off. Two survive a kill only: of two that do not hear each other neither is a majority, so the resolver keeps the one
    /// with the lower address, even when that is the one that is frozen.
    /// </summary>
    /// <param name="nodes">Nodes of the party; at least 1.</param>
    public static string? For(int nodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        return nodes == 2
            ? "A party of two nodes survives one that is killed, and its work goes on within seconds. When one freezes or they lose each other, the node with "
                + "the lower address is kept and the other one stops itself, whichever of them is well. Run three nodes."
            : null;
    }
}
