using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace SignerCluster.Chaos.Proxy;

/// <summary>One connection through a proxy: two sockets and what is under way between them.</summary>
internal sealed class ProxyLink(Socket client, Func<Watch?> watch, ProxyRules toServer, ProxyRules toClient) : IDisposable
{
    private const int PieceBytes = 64 * 1024;
    private const int PiecesUnderWay = 64;

    // PostgreSQL says ReadyForQuery, idle: whatever transaction there was is committed or rolled back.
    private static readonly byte[] _readyAndIdle = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ended = new();
    private Watch? _awaitingAnswer;
    private int _isReset;

    private bool IsReset => Volatile.Read(ref _isReset) != 0;

    /// <summary>Runs until either side ends or the link is cut. Never throws.</summary>
    internal async Task RunAsync(string host, int port, CancellationToken stopping)
    {
        using CancellationTokenRegistration stop = stopping.Register(Reset);
        try
        {
            client.NoDelay = _server.NoDelay = true;
            await toServer.WhenOpenAsync(_ended.Token);
            await _server.ConnectAsync(host, port, _ended.Token);
            await Task.WhenAll(PassAsync(client, _server, toServer, Direction.ToServer), PassAsync(_server, client, toClient, Direction.ToClient));
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or OperationCanceledException or ChannelClosedException)
        {
            // A server that is down, or a link that was cut: the client sees it end.
        }
        finally
        {
            Reset();
        }
    }

    public void Dispose()
    {
        Reset();
        client.Dispose();
        _server.Dispose();
        _ended.Dispose();
    }

    /// <summary>Ends both connections with a reset; what is under way is lost.</summary>
    internal void Reset()
    {
        if (Interlocked.Exchange(ref _isReset, 1) != 0)
        {
            return;
        }

        _ended.Cancel();
        foreach (Socket socket in (ReadOnlySpan<Socket>)[client, _server])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, 0);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException or ChannelClosedException)
            {
                // It ended by itself.
            }

            socket.Close(0);
        }
    }

    private async Task PassAsync(Socket from, Socket to, ProxyRules rules, Direction direction)
    {
        Channel<Piece> underWay = Channel.CreateBounded<Piece>(new BoundedChannelOptions(PiecesUnderWay) { SingleReader = true, SingleWriter = true });
        Task reading = ReadAsync(from, underWay.Writer, rules);
        try
        {
            byte[] tail = [];
            await foreach (Piece piece in underWay.Reader.ReadAllAsync(_ended.Token))
            {
                await DelayAsync(piece, rules);
                tail = await WatchAsync(piece.Bytes, tail, direction);
                if (IsReset)
                {
                    return;
                }

                await SendAsync(to, piece.Bytes);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or OperationCanceledException or ChannelClosedException)
        {
            Reset();
        }

        await reading;
    }

    private async Task ReadAsync(Socket from, ChannelWriter<Piece> underWay, ProxyRules rules)
    {
        byte[] buffer = new byte[PieceBytes];
        try
        {
            while (await from.ReceiveAsync(buffer, _ended.Token) is > 0 and int length)
            {
                await underWay.WriteAsync(
                    new Piece(buffer[..length], Stopwatch.GetTimestamp() + (long)(rules.Delay.TotalSeconds * Stopwatch.Frequency)), _ended.Token);
            }

            underWay.Complete();
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException or OperationCanceledException or ChannelClosedException)
        {
            underWay.TryComplete();
            Reset();
        }
    }

    private async Task DelayAsync(Piece piece, ProxyRules rules)
    {
        await rules.WhenOpenAsync(_ended.Token);
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), piece.Due);
        if (rules.BytesPerSecond is > 0 and long rate)
        {
            TimeSpan sending = TimeSpan.FromSeconds((double)piece.Bytes.Length / rate);
            left = left > TimeSpan.Zero ? left + sending : sending;
        }

        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, _ended.Token);
            await rules.WhenOpenAsync(_ended.Token);
        }
    }

    private async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, _ended.Token)..];
        }
    }

    /// <summary>Lets the armed watch look at what passes, and returns the end of it, which may begin a match.</summary>
    private async Task<byte[]> WatchAsync(byte[] bytes, byte[] tail, Direction direction)
    {
        if (direction == Direction.ToClient)
        {
            if (Volatile.Read(ref _awaitingAnswer) is { } answered && bytes.AsSpan().IndexOf(_readyAndIdle) >= 0)
            {
                Volatile.Write(ref _awaitingAnswer, null);
                await answered.FireAsync();
            }

            return [];
        }

        if (watch() is not { } armed)
        {
            return [];
        }

        byte[] seen = tail.Length == 0 ? bytes : [.. tail, .. bytes];
        if (armed.Matches(seen))
        {
            if (armed.Hold == HoldAt.Request)
            {
                await armed.FireAsync();
            }
            else
            {
                Volatile.Write(ref _awaitingAnswer, armed);
            }

            return [];
        }

        return seen[^Math.Min(armed.Overlap, seen.Length)..];
    }

    private readonly record struct Piece(byte[] Bytes, long Due);
}
