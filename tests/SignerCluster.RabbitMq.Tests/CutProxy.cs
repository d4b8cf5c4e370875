using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>A line between a node and the broker that a test can cut and mend.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly int _brokerPort;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _lines = new();
    private readonly Func<Stream, Task<Stream>> _wrap;
    private readonly Task _accepting;
    private volatile bool _isCut;
    private volatile bool _isSilent;

    /// <param name="wrap">What the node's end is wrapped in; null for nothing.</param>
    public CutProxy(int brokerPort, Func<Stream, Task<Stream>>? wrap = null)
    {
        _brokerPort = brokerPort;
        _wrap = wrap ?? Task.FromResult;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Closes every line; new ones are closed as soon as they are made.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (TcpClient line in _lines.Keys)
            line.Close();
    }

    /// <summary>Lines stay open and nothing comes through any more.</summary>
    public void Silence() => _isSilent = true;

    public void Mend() => (_isCut, _isSilent) = (false, false);

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting.WaitAsync(CancellationToken.None);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PumpAsync(Stream from, Stream to)
    {
        byte[] buffer = new byte[64 * 1024];
        for (int length; (length = await from.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if (!_isSilent)
                await to.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient();
        _lines[near] = 0;
        _lines[far] = 0;
        try
        {
            using (near)
            {
                if (_isCut)
                    return;
                await far.ConnectAsync(IPAddress.Loopback, _brokerPort);
                (near.NoDelay, far.NoDelay) = (true, true);
                await using Stream wrapped = await _wrap(near.GetStream());
                await Task.WhenAny(PumpAsync(wrapped, far.GetStream()), PumpAsync(far.GetStream(), wrapped));
            }
        }
        catch (Exception cut) when (cut is IOException or SocketException or ObjectDisposedException or InvalidOperationException
            or System.Security.Authentication.AuthenticationException)
        {
            // Cut.
        }
        finally
        {
            _lines.TryRemove(near, out _);
            _lines.TryRemove(far, out _);
        }
    }
}
