using System.Net;

namespace SignerCluster.RabbitMq;

/// <summary>
/// Where the broker is, as whom a node speaks to it, and the limits of both. A class and no record, because it leads to a password.
/// Values out of range are refused with <see cref="ArgumentException"/> by <see cref="RabbitMqEngine.StartAsync"/>.
/// </summary>
public sealed class RabbitMqSettings
{
    public required string Host { get; init; }

    public int Port { get; init; } = 5672;

    public string VirtualHost { get; init; } = "signer";

    /// <summary>The broker's user; its permissions are those that <see cref="BrokerTopology"/> gives the party.</summary>
    public required string User { get; init; }

    public required BrokerPassword Password { get; init; }

    /// <summary>Null only for a broker on loopback.</summary>
    public BrokerTls? Tls { get; init; }

    /// <summary>The operator that this node belongs to; 1..32 of <c>a-z 0-9 -</c>, a letter first, not <c>in</c>, <c>out</c> or <c>amq</c>.</summary>
    public required string Party { get; init; }

    /// <summary>The name of this process, unique in the whole cluster; 1..64 of <c>a-z 0-9 -</c>, a letter first.</summary>
    public required string Node { get; init; }

    /// <summary>A broker or node that is silent for about twice this is given up; whole seconds, 1..60.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one attempt to connect may take; positive.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The pause after the first failed attempt to reconnect; it doubles up to <see cref="LongestPause"/>. Positive.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a starting node waits for the broker to notice the end of a former process of its name; not negative.</summary>
    public TimeSpan NodeNamePatience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Messages that the broker sends ahead of their handling, for each queue; 4..10,000.</summary>
    public int Prefetch { get; init; } = 256;

    /// <summary>Asks that wait for their reply at once; 1..1,000,000. One more is <c>overloaded</c> at once.</summary>
    public int MaximumInFlight { get; init; } = 4096;

    /// <summary>Requests of others that are handled here at once; 1..1,000,000. More wait in the broker until their askers give up.</summary>
    public int MaximumHandling { get; init; } = 1024;

    /// <summary>Messages that may wait in each of the node's queues in the broker; 1..1,000,000. The broker drops what comes beyond.</summary>
    public int QueueLimit { get; init; } = 10_000;

    /// <summary>Bytes of a request or reply; 1 KiB..64 MiB. Larger ones are not sent, and are dropped when they arrive.</summary>
    public int MaximumMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// When an ask without a reply ends as <c>answer_timeout</c>: after this and at most a tenth more. Also the lifetime of its messages in the
    /// broker, so that nobody handles what nobody waits for. 100 ms..1 h.
    /// </summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a stopping engine lets what is under way finish; not negative.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The broker as messages and logs name it.</summary>
    internal string BrokerName => $"{Host}:{Port}/{VirtualHost}";

    internal void ThrowIfInvalid()
    {
        BrokerNames.ThrowIfNoParty(Party);
        BrokerNames.ThrowIfNoNode(Node);
        ArgumentException.ThrowIfNullOrEmpty(Host);
        ArgumentException.ThrowIfNullOrEmpty(VirtualHost);
        ArgumentException.ThrowIfNullOrEmpty(User);
        if (Tls is null && !IsLoopback)
            throw new ArgumentException(
                $"The broker {Host} is not on loopback, so the link to it needs TLS: set the CA file and the server's name.", nameof(Tls));
        InRange(Port, 1, ushort.MaxValue, nameof(Port));
        InRange(Prefetch, 4, 10_000, nameof(Prefetch));
        InRange(MaximumInFlight, 1, 1_000_000, nameof(MaximumInFlight));
        InRange(MaximumHandling, 1, 1_000_000, nameof(MaximumHandling));
        InRange(QueueLimit, 1, 1_000_000, nameof(QueueLimit));
        InRange(MaximumMessageBytes, 1024, 64 * 1024 * 1024, nameof(MaximumMessageBytes));
        InRange(Heartbeat, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), nameof(Heartbeat));
        InRange(ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), nameof(ConnectTimeout));
        InRange(FirstPause, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5), nameof(FirstPause));
        InRange(LongestPause, FirstPause, TimeSpan.FromMinutes(5), nameof(LongestPause));
        InRange(NodeNamePatience, TimeSpan.Zero, TimeSpan.FromMinutes(5), nameof(NodeNamePatience));
        InRange(AnswerTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), nameof(AnswerTimeout));
        InRange(StopGrace, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(StopGrace));
    }

    private bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static void InRange<T>(T value, T least, T most, string name)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be {least} to {most}.");
    }
}
