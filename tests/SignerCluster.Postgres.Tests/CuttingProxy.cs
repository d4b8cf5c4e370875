using System.Net;
using System.Net.Sockets;

namespace SignerCluster.Postgres.Tests;

/// <summary>
/// A network between a node and its server that a test can break: when it is told to, it passes on what the node sends and cuts the connection before any of
/// the answer comes back, or lets nothing through any more.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private int _cutsAnswers;

    public CuttingProxy(string host, int port)
    {
        _host = host;
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on the first answer on any connection cuts it.</summary>
    public void CutAnswers() => Volatile.Write(ref _cutsAnswers, 1);

    public void Mend() => Volatile.Write(ref _cutsAnswers, 0);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.WaitAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> links = [];
        try
        {
            while (true)
                links.Add(LinkAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(TcpClient node)
    {
        using (node)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(_host, _port);
            Task requests = CopyAsync(node, server, isAnswer: false);
            Task answers = CopyAsync(server, node, isAnswer: true);
            await Task.WhenAny(requests, answers);
            // A reset, as a dying network leaves it.
            node.LingerState = new LingerOption(enable: true, 0);
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int length;
            while ((length = await from.GetStream().ReadAsync(buffer, _stopping.Token)) > 0)
            {
                if (isAnswer && Volatile.Read(ref _cutsAnswers) != 0)
                    return;
                await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _stopping.Token);
            }
        }
        catch (Exception broken) when (broken is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // One end is gone, and so the other goes.
        }
    }
}
