namespace SignerCluster.Simulator.Checkers;

/// <summary>What the handling of one message did beside answering. Flows with the handling through every await.</summary>
internal sealed class TurnWatch(DateTimeOffset began)
{
    private static readonly AsyncLocal<TurnWatch?> _current = new();

    /// <summary>The handling that the running code belongs to; null for what belongs to none.</summary>
    internal static TurnWatch? Current => _current.Value;

    internal DateTimeOffset Began => began;

    /// <summary>Was the entity's history asked for?</summary>
    internal bool HasLoaded { get; private set; }

    /// <summary>When it was last asked for.</summary>
    internal DateTimeOffset LastLoad { get; private set; }

    /// <summary>Was an append asked for?</summary>
    internal bool HasWritten { get; set; }

    /// <summary>Calls of the key provider.</summary>
    internal int Fetches { get; set; }

    internal static TurnWatch Begin(DateTimeOffset now) => _current.Value = new TurnWatch(now);

    /// <summary>Of an actor, which is told its turn by nobody: only when the activation that was asked had read its history.</summary>
    internal static TurnWatch Of(DateTimeOffset began, DateTimeOffset? loaded)
    {
        TurnWatch turn = new(began);
        if (loaded is { } at)
        {
            turn.Load(at);
        }

        return turn;
    }

    internal void Load(DateTimeOffset now) => (HasLoaded, LastLoad) = (true, now);
}
