namespace SignerCluster.Simulator.Checkers;

/// <summary>What a checker found: the invariant's id and what broke it.</summary>
internal sealed record Finding(string Invariant, string Message);

/// <summary>The first finding of a world; it ends the run.</summary>
internal sealed class Findings
{
    internal Finding? First { get; private set; }

    internal void Report(string invariant, string message) => First ??= new Finding(invariant, message);

    internal void Demand(bool holds, string invariant, string message)
    {
        if (!holds)
        {
            Report(invariant, message);
        }
    }

    /// <summary>The message is only made when it is needed.</summary>
    internal void Demand(bool holds, string invariant, Func<string> message)
    {
        if (!holds)
        {
            Report(invariant, message());
        }
    }
}
