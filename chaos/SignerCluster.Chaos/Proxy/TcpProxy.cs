using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SignerCluster.Chaos.Proxy;

/// <summary>
/// A listener on loopback that passes connections on to one server and can be told to delay, throttle, stop or cut them. One for each node and server, so that
/// faults meet the link that a scenario names and no other.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ProxyLink, Task> _links = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private volatile Watch? _watch;

    private TcpProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    internal int Port { get; }

    internal ProxyRules ToServer { get; } = new();

    internal ProxyRules ToClient { get; } = new();

    /// <summary>Connections that are open now.</summary>
    internal int Count => _links.Count;

    internal string Address => $"{IPAddress.Loopback}:{Port}";

    internal static TcpProxy Start(string host, int port) => new(host, port);

    /// <param name="address">HOST:PORT.</param>
    internal static TcpProxy Before(string address)
    {
        int colon = address.LastIndexOf(':');
        return Start(address[..colon], int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    internal ProxyRules Rules(Direction direction) => direction == Direction.ToServer ? ToServer : ToClient;

    /// <summary>Arms a watch in place of the one before; null disarms.</summary>
    internal void Arm(Watch? watch) => _watch = watch;

    /// <summary>Resets every connection; what was not passed on is lost.</summary>
    internal void Cut()
    {
        foreach (ProxyLink link in _links.Keys)
        {
            link.Reset();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Cut();
        await Task.WhenAll([_accepting, .. _links.Values]);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stopping.Token);
                ProxyLink link = new(client, () => _watch, ToServer, ToClient);
                // Registered before it runs, so that it can be cut from its first moment.
                TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _links[link] = ended.Task;
                _ = RunAsync(link, ended);
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The listener was stopped.
        }
    }

    private async Task RunAsync(ProxyLink link, TaskCompletionSource ended)
    {
        try
        {
            await link.RunAsync(_host, _port, _stopping.Token);
        }
        finally
        {
            _links.TryRemove(link, out _);
            link.Dispose();
            ended.SetResult();
        }
    }
}
