using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SignerCluster.Workbench.Bench;

/// <summary>
/// A longer way to one port of loopback: whatever passes is half a round trip later at the other end, and as much may be under way as is sent.
/// </summary>
internal sealed class SlowWay : IAsyncDisposable
{
    private readonly int _to;
    private readonly TimeSpan _oneWay;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    internal SlowWay(int to, TimeSpan roundTrip)
    {
        (_to, _oneWay) = (to, roundTrip / 2);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    internal EndPoint Endpoint => _listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
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
            {
                _ = CarryAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    private async Task CarryAsync(Socket near)
    {
        using Socket far = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using Socket one = near;
        one.NoDelay = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _to, _stop.Token);
            await await Task.WhenAny(PumpAsync(one, far), PumpAsync(far, one));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end is gone, and so is the other.
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        Channel<(long At, byte[] Bytes)> underWay = Channel.CreateUnbounded<(long At, byte[] Bytes)>();
        Task delivering = DeliverAsync(underWay.Reader, to);
        byte[] buffer = new byte[64 * 1024];
        for (int length; (length = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
        {
            underWay.Writer.TryWrite((Stopwatch.GetTimestamp(), buffer[..length]));
        }

        underWay.Writer.Complete();
        await delivering;
    }

    private async Task DeliverAsync(ChannelReader<(long At, byte[] Bytes)> underWay, Socket to)
    {
        await foreach ((long at, byte[] bytes) in underWay.ReadAllAsync(_stop.Token))
        {
            if (_oneWay - Stopwatch.GetElapsedTime(at) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, _stop.Token);
            }

            await to.SendAsync(bytes, _stop.Token);
        }
    }
}
