namespace SignerCluster.Links;

/// <summary>What a link may hold, and how long it waits. Both ends of a link should have the same.</summary>
public sealed record LinkLimits
{
    // Much fewer would make 64 sessions at once wait for each other, much more would let one parcel hold up the rest.
    internal const int ParcelBytes = 64 * 1024;

    /// <summary>Requests of one link that may wait for their answers at a time, each way.</summary>
    public int Window { get; init; } = 256;

    /// <summary>The longest request or answer that is carried, in bytes.</summary>
    public int MaximumFrameBytes { get; init; } = (4 * 1024 * 1024) + (64 * 1024);

    /// <summary>How long a connection may be silent before the other end is asked for a sign of life (an HTTP/2 ping). At least a second.</summary>
    public TimeSpan Keepalive { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the other end may take to give a sign of life, to be reached, or to finish a handshake. At least a second.</summary>
    public TimeSpan KeepaliveTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a request may be without an answer: then it fails and its place in the window is free again, also when its asker left.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the first attempt to connect again; each further one is twice as long, give or take chance.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between two attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a side that stops lets what is under way finish.</summary>
    public TimeSpan Goodbye { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>By how much the clocks of both ends may differ; a while to be told of it comes on top.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(5);

    // A frame travels with others that are short, or alone.
    internal int MaximumParcelBytes => MaximumFrameBytes + (2 * ParcelBytes);
}
