namespace SignerCluster.Simulation.Tests.Plants;

/// <summary>One small mistake in the production sources, of the kind a tired engineer makes, that the simulator must find.</summary>
/// <param name="Name">What is wrong, as the issue calls it.</param>
/// <param name="Invariants">The ids under which it may be found; the first violation must be one of them. <c>X0</c> is an activation that threw.</param>
/// <param name="Seeds">The budget: it must be found with seeds 1..Seeds.</param>
public sealed record PlantedFault(string Name, IReadOnlyList<string> Invariants, int Seeds, IReadOnlyList<Edit> Edits)
{
    public override string ToString() => Name;
}

/// <summary>A replacement in one source file.</summary>
/// <param name="File">Path from the root of the repository: <c>src/Project/…</c>.</param>
/// <param name="Text">Must stand in the file exactly once.</param>
public sealed record Edit(string File, string Text, string Replacement)
{
    /// <summary>The project whose assembly the edit changes.</summary>
    public string Project => File.Split('/')[1];

    /// <summary>The source with the edit made. Fails the test when the anchor is gone or ambiguous: the plant must move with the code.</summary>
    internal string ApplyTo(string source)
    {
        int found = source.Split(Text).Length - 1;
        Assert.True(found == 1, $"A planted fault no longer fits the code: {File} has this {found} times and should have it once:\n{Text}");
        return source.Replace(Text, Replacement, StringComparison.Ordinal);
    }
}
