namespace SignerCluster.Simulation.Tests.Plants;

/// <summary>One small mistake in the production sources, of the kind a tired engineer makes, that the simulator must find.</summary>
/// <param name="Name">What is wrong, as the issue calls it.</param>
/// <param name="Invariants">The ids under which it may be found; the first violation must be one of them. <c>X0</c> is an activation that threw.</param>
/// <param name="Pure">The budget of the simulator's pure part: it must be found with seeds 1..Pure. 0 when the mistake is not in what that part runs.</param>
/// <param name="Actors">The same of the part with actors.</param>
public sealed record PlantedFault(string Name, IReadOnlyList<string> Invariants, int Pure, int Actors, IReadOnlyList<Edit> Edits)
{
    /// <summary>The parts that run the mistake, with their budgets.</summary>
    public IEnumerable<(string Part, int Seeds)> Budgets =>
        new[] { (Part: "pure", Seeds: Pure), (Part: "actors", Seeds: Actors) }.Where(static budget => budget.Seeds > 0);

    public override string ToString() => Name;
}

/// <summary>A replacement in one source file or in settings.</summary>
/// <param name="File">Path from the root of the repository: <c>src/Project/…</c>, or settings <c>hocon/…</c>.</param>
/// <param name="Text">Must stand in the file exactly once.</param>
public sealed record Edit(string File, string Text, string Replacement)
{
    /// <summary>The project whose assembly the edit changes.</summary>
    public string Project => File.Split('/')[1];

    /// <summary>Is it in settings, which are only copied?</summary>
    public bool IsOfSettings => File.StartsWith("hocon/", StringComparison.Ordinal);

    /// <summary>The source with the edit made. Fails the test when the anchor is gone or ambiguous: the plant must move with the code.</summary>
    internal string ApplyTo(string source)
    {
        int found = source.Split(Text).Length - 1;
        Assert.True(found == 1, $"A planted fault no longer fits the code: {File} has this {found} times and should have it once:\n{Text}");
        return source.Replace(Text, Replacement, StringComparison.Ordinal);
    }
}
