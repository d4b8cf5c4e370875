using System.Net;
using System.Net.Sockets;
using System.Text;
using SignerCluster.Chaos.Proxy;

namespace SignerCluster.Chaos.Tests;

/// <summary>The proxy over real sockets on loopback: a client, the proxy, and a server that the test plays.</summary>
public sealed class TcpProxyTests : IAsyncDisposable
{
    private static readonly TimeSpan _watchdog = TimeSpan.FromSeconds(30);
    private static readonly byte[] _ready = [(byte)'Z', 0, 0, 0, 5, (byte)'I'];
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly TcpProxy _proxy;
    private readonly List<Socket> _sockets = [];

    public TcpProxyTests()
    {
        _server.Start();
        _proxy = TcpProxy.Start("127.0.0.1", ((IPEndPoint)_server.LocalEndpoint).Port);
    }

    public async ValueTask DisposeAsync()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        await _proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Bytes_pass_both_ways_and_the_end_of_one_side_is_told_to_the_other()
    {
        (Socket client, Socket server) = await ConnectAsync();
        await SendAsync(client, "question");
        Assert.Equal("question", await ReceiveAsync(server, 8));
        await SendAsync(server, "answer");
        Assert.Equal("answer", await ReceiveAsync(client, 6));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(string.Empty, await ReceiveAsync(server, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_direction_that_is_blocked_holds_its_bytes_until_it_is_open_and_the_other_goes_on(bool toServer)
    {
        (Socket client, Socket server) = await ConnectAsync();
        (Socket blocked, Socket receiver) = toServer ? (client, server) : (server, client);
        ProxyRules rules = _proxy.Rules(toServer ? Direction.ToServer : Direction.ToClient);
        rules.Block();
        await SendAsync(blocked, "late");
        await SendAsync(receiver, "soon");
        Assert.Equal("soon", await ReceiveAsync(blocked, 4));
        Assert.Equal(0, receiver.Available);
        rules.Unblock();
        Assert.Equal("late", await ReceiveAsync(receiver, 4));
    }

    [Fact]
    public async Task A_cut_resets_both_ends()
    {
        (Socket client, Socket server) = await ConnectAsync();
        await SendAsync(client, "x");
        Assert.Equal("x", await ReceiveAsync(server, 1));
        _proxy.Cut();
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(client, 1));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(server, 1));
    }

    [Fact]
    public async Task After_a_cut_a_new_connection_is_taken()
    {
        await ConnectAsync();
        _proxy.Cut();
        (Socket client, Socket server) = await ConnectAsync();
        await SendAsync(client, "again");
        Assert.Equal("again", await ReceiveAsync(server, 5));
    }

    [Fact]
    public async Task A_server_that_is_down_ends_the_clients_connection()
    {
        _server.Stop();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
            await ReceiveAsync(client, 1);
        });
    }

    [Fact]
    public async Task A_watch_holds_the_request_while_it_acts_and_acts_once()
    {
        (Socket client, Socket server) = await ConnectAsync();
        TaskCompletionSource acting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SemaphoreSlim release = new(0);
        int acted = 0;
        _proxy.Arm(new Watch("marker", 2, HoldAt.Request, () =>
        {
            acted++;
            acting.SetResult();
            return release.WaitAsync(_watchdog);
        }));
        await SendAsync(client, "marker 1;");
        Assert.Equal("marker 1;", await ReceiveAsync(server, 9));
        Assert.Equal(0, acted);
        await SendAsync(client, "marker 2;");
        await acting.Task.WaitAsync(_watchdog);
        Assert.Equal(0, server.Available);
        release.Release();
        Assert.Equal("marker 2;", await ReceiveAsync(server, 9));
        await SendAsync(client, "marker 3;");
        Assert.Equal("marker 3;", await ReceiveAsync(server, 9));
        Assert.Equal(1, acted);
    }

    [Fact]
    public async Task A_watch_sees_a_text_that_comes_in_two_pieces()
    {
        (Socket client, Socket server) = await ConnectAsync();
        int acted = 0;
        _proxy.Arm(new Watch("marker", 1, HoldAt.Request, () =>
        {
            acted++;
            return Task.CompletedTask;
        }));
        await SendAsync(client, "mar");
        Assert.Equal("mar", await ReceiveAsync(server, 3));
        await SendAsync(client, "ker");
        Assert.Equal("ker", await ReceiveAsync(server, 3));
        Assert.Equal(1, acted);
    }

    [Fact]
    public async Task A_cut_while_the_request_is_held_keeps_it_from_the_server()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Arm(new Watch("commit", 1, HoldAt.Request, () =>
        {
            _proxy.Cut();
            return Task.CompletedTask;
        }));
        await SendAsync(client, "commit");
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(client, 1));
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(server, 1));
    }

    [Fact]
    public async Task D7_A_cut_while_the_answer_is_held_lets_the_server_act_and_keeps_it_from_the_client()
    {
        (Socket client, Socket server) = await ConnectAsync();
        _proxy.Arm(new Watch("commit", 1, HoldAt.Answer, () =>
        {
            _proxy.Cut();
            return Task.CompletedTask;
        }));
        await SendAsync(client, "commit");
        Assert.Equal("commit", await ReceiveAsync(server, 6));
        // What is not the end of a transaction passes.
        await SendAsync(server, "begun");
        Assert.Equal("begun", await ReceiveAsync(client, 5));
        await server.SendAsync(_ready);
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(client, 1));
    }

    private static async Task SendAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    private static async Task<string> ReceiveAsync(Socket socket, int length)
    {
        using CancellationTokenSource watchdog = new(_watchdog);
        byte[] buffer = new byte[length];
        int read = 0;
        while (read < length && await socket.ReceiveAsync(buffer.AsMemory(read), watchdog.Token) is > 0 and int more)
        {
            read += more;
        }

        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(client);
        using CancellationTokenSource watchdog = new(_watchdog);
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port, watchdog.Token);
        Socket server = await _server.AcceptSocketAsync(watchdog.Token);
        _sockets.Add(server);
        return (client, server);
    }
}
