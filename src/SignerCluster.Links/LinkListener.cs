using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace SignerCluster.Links;

/// <summary>
/// A coordinator's node: participants' nodes connect to it, and requests go to them over the links that they made. Parties share nothing here: each has its own
/// links, windows and connections. Safe for use by many threads.
/// </summary>
public sealed class LinkListener : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly LinkEndpoint _endpoint;
    private readonly LinkLimits _limits;
    private readonly TimeProvider _time;
    private int _isDisposed;

    private LinkListener(WebApplication server, LinkEndpoint endpoint, LinkLimits limits, TimeProvider time)
    {
        _server = server;
        _endpoint = endpoint;
        _limits = limits;
        _time = time;
        Endpoint = LinkServer.EndpointOf(server);
    }

    /// <summary>Where it listens; the port is the one that was chosen if 0 was asked for.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>All links that are up, and the last ones of nodes that are gone.</summary>
    public IReadOnlyList<LinkState> Links => [.. _endpoint.Parties.Values.SelectMany(static party => party.States)];

    /// <summary>Pinned certificates that were refused within the last minute because they have expired.</summary>
    public IReadOnlyList<PeerCertificate> ExpiredPeers => _endpoint.ExpiredPeers;

    /// <summary>Listens with HTTP/2 over mutual TLS, in a server of its own: nothing else of the process's HTTP is seen here.</summary>
    /// <exception cref="LinkException"><c>listen_failed</c>: the address cannot be had.</exception>
    public static async Task<LinkListener> StartAsync(
        IPEndPoint listen,
        LinkCertificate certificate,
        LinkPins pins,
        LinkLimits limits,
        TimeProvider time,
        ILoggerFactory logs,
        CancellationToken cancellation)
    {
        ILogger log = logs.CreateLogger<LinkListener>();
        Refusals refusals = new(time, log);
        Handshake handshake = new(certificate, pins, time, refusals);
        LinkEndpoint endpoint = new(pins, handshake, limits, time, log);
        WebApplication server = LinkServer.Create(listen, endpoint, handshake, new Connections(pins, refusals), limits, logs);
        try
        {
            await server.StartAsync(cancellation);
            return new LinkListener(server, endpoint, limits, time);
        }
        catch (IOException taken)
        {
            await server.DisposeAsync();
            throw new LinkException(LinkException.ListenFailed, $"{listen} cannot be listened on: {taken.Message}", isTransient: true, taken);
        }
        catch (OperationCanceledException)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Sends a request to a connected node of a party, in turn to each with room, and returns its answer. A request that failed is never sent again by itself:
    /// it may have arrived. An asker that leaves early does not take its request back: its place in the window stays taken.
    /// </summary>
    /// <param name="party">One of the pinned parties.</param>
    /// <param name="request">Not copied: it must never change afterwards, not even when the asker left.</param>
    /// <param name="cancellation">Stops the wait, not the request.</param>
    /// <exception cref="LinkException">
    /// <c>no_link</c>, <c>overloaded</c> (at once, without a wait), <c>link_lost</c>, <c>frame_too_long</c>, <c>link_stopped</c>, or <c>answer_timeout</c>
    /// when no answer came within <see cref="LinkLimits.AnswerTimeout"/>, or as soon as the other side let know that none will come.
    /// </exception>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(string party, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (request.Length > _limits.MaximumFrameBytes)
        {
            string message = $"A request of {request.Length} bytes is longer than the {_limits.MaximumFrameBytes} that a link carries.";
            throw new LinkException(LinkException.FrameTooLong, message, isTransient: false);
        }

        if (_endpoint.IsStopping)
            throw new LinkException(LinkException.LinkStopped, "This node is shutting down.", isTransient: true);
        if (!_endpoint.Parties.TryGetValue(party, out PartyLinks? links))
            throw new LinkException(LinkException.NoLink, $"{party} is none of the parties that may be met.", isTransient: false);
        return await links.Ask(request).Task.WaitAsync(cancellation);
    }

    /// <summary>Fails everybody who waits with <c>link_stopped</c>, says goodbye to the other ends, and stops listening, within some two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _endpoint.Leave();
        using CancellationTokenSource patience = new(_limits.Goodbye, _time);
        await _server.StopAsync(patience.Token);
        await _server.DisposeAsync();
    }
}
