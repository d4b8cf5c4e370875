using System.Net;
using Microsoft.Extensions.Logging;

namespace SignerCluster.Links;

/// <summary>
/// A participant's node: keeps one link to each of the coordinators' addresses and answers what comes over it. It opens no port. A link that ends is made again
/// after a pause that doubles up to <see cref="LinkLimits.LongestPause"/>, without end; no link knows of another.
/// </summary>
public sealed class LinkDialer : IAsyncDisposable
{
    private readonly IReadOnlyList<DialedLink> _links;
    private readonly Handshake _handshake;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _isDisposed;

    private LinkDialer(IReadOnlyList<DialedLink> links, Handshake handshake)
    {
        (_links, _handshake) = (links, handshake);
        _running = Task.WhenAll(links.Select(link => Task.Run(() => link.RunAsync(_stop.Token))));
    }

    /// <summary>The link to each address, in the order in which the addresses were given.</summary>
    public IReadOnlyList<LinkState> Links => [.. _links.Select(static link => link.State)];

    /// <summary>Pinned certificates that were refused within the last minute because they have expired.</summary>
    public IReadOnlyList<PeerCertificate> ExpiredPeers => _handshake.Expired;

    /// <summary>Begins to connect, and returns at once.</summary>
    /// <param name="node">This node's name: letters, digits, <c>-</c>, <c>_</c>, <c>.</c>, at most 64. A later link of that name replaces this one's.</param>
    /// <param name="coordinators">Where coordinators' nodes listen.</param>
    /// <param name="certificate">Belongs to the caller, and must live longer than this object.</param>
    /// <param name="pins">The coordinators that may be met.</param>
    /// <param name="limits">What a link may hold.</param>
    /// <param name="answer">
    /// Called for each request, many at a time, up to <see cref="LinkLimits.Window"/> of each link. Null, or an exception, means that the other side is told
    /// nothing but that this request's place in the window is free. Its token is cancelled when the answer cannot be delivered any more. The request is never
    /// reused by this object, and the answer must never change afterwards.
    /// </param>
    /// <param name="time">The clock for pauses and for the validity of certificates.</param>
    /// <param name="logs">Where everything is logged.</param>
    public static LinkDialer Start(
        string node,
        IReadOnlyList<DnsEndPoint> coordinators,
        LinkCertificate certificate,
        LinkPins pins,
        LinkLimits limits,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> answer,
        TimeProvider time,
        ILoggerFactory logs)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        ILogger log = logs.CreateLogger<LinkDialer>();
        Handshake handshake = new(certificate, pins, time, new Refusals(time, log));
        return new LinkDialer(
            [.. coordinators.Select(
                address => new DialedLink(node, new Dialing(node, address, handshake, limits, logs), answer, limits, time, log))],
            handshake);
    }

    /// <summary>Says goodbye on every link, lets answers that are under way finish for <see cref="LinkLimits.Goodbye"/> at most, and ends them.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        await _running.WaitAsync(CancellationToken.None);
        _stop.Dispose();
    }
}
