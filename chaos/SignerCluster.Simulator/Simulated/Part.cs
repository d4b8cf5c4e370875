namespace SignerCluster.Simulator.Simulated;

/// <summary>What the entities of a world are.</summary>
internal enum Part
{
    /// <summary>The product's deciders, in a loop of the simulator's own.</summary>
    Pure,

    /// <summary>The product's actors, in actor systems.</summary>
    Actors,
}
