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

    /// <summary>Chooses a connected node of a party: in turn each that has room.</summary>
    /// <param name="party">One of the pinned parties.</param>
    /// <exception cref="LinkException"><c>no_link</c>, <c>overloaded</c>, <c>link_stopped</c>.</exception>
    public LinkRoute RouteTo(string party)
    {
        if (_endpoint.IsStopping)
            throw new LinkException(LinkException.LinkStopped, "This node is shutting down.", isTransient: true);
        if (!_endpoint.Parties.TryGetValue(party, out PartyLinks? links))
            throw new LinkException(LinkException.NoLink, $"{party} is none of the parties that may be met.", isTransient: false);
        return new LinkRoute(links.Choose(), _limits);
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
