using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SignerCluster.Links.Tests;

/// <summary>A line between two nodes that can be cut, or swallow everything and stay open.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly int _farPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, byte> _ends = new();
    private readonly Task _accepting;
    private volatile bool _swallows;

    public TestProxy(int farPort)
    {
        _farPort = farPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Lines stay open, and nothing comes through any more.</summary>
    public void Swallow() => _swallows = true;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (Socket end in _ends.Keys)
            end.Dispose();
        await _accepting.WaitAsync(CancellationToken.None);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        using Socket far = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            using (near)
            {
                _ends[near] = 0;
                _ends[far] = 0;
                await far.ConnectAsync(IPAddress.Loopback, _farPort, _stop.Token);
                await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
            }
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end is gone, and so is the other.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 * 1024];
        for (int length; (length = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
        {
            if (!_swallows)
                await to.SendAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }
}
