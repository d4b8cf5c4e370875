namespace SignerCluster.Protocol.Guardian;

/// <summary>Everything a guardian remembers. Their stored names are in the codec, and for ever.</summary>
public abstract record GuardianEvent
{
    private GuardianEvent()
    {
    }

    /// <summary>The chain has one more record.</summary>
    /// <param name="NotedAt">Unix seconds of this party's own clock, which no other party can turn back.</param>
    public sealed record Recorded(GuardianRecord Record, ulong NotedAt) : GuardianEvent;

    /// <summary>This party signs nothing more for the group, whatever the others do.</summary>
    public sealed record Stopped(string Reason, ulong NotedAt) : GuardianEvent;

    /// <summary>The party's stop is lifted.</summary>
    public sealed record Resumed(string Reason, ulong NotedAt) : GuardianEvent;
}
