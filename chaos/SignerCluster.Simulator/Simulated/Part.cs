namespace SignerCluster.Simulator.Simulated;

/// <summary>What the entities of a world are.</summary>
internal enum Part
{
    /// <summary>Deciders in the decision loop and its mailboxes.</summary>
    Pure,

    /// <summary>The product's actors, in actor systems.</summary>
    Actors,
}
