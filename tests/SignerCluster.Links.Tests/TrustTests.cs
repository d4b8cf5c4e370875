using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SignerCluster.Links.Tests;

/// <summary>Who is let in.</summary>
public sealed class TrustTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Network _network = new("alice", "bob");
    private int _bytesSeen;

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public async Task L1_A_node_whose_key_is_pinned_for_nobody_is_refused_and_another_party_goes_on()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        LinkDialer mallory = _network.Dial("alice", answer: Count, certificate: _network.Keep(new TestCertificate()));
        await RefusedAsync(mallory, "Unpinned");
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));
    }

    [Theory]
    [InlineData(-2, -1, "Expired")]
    [InlineData(1, 2, "Premature")]
    public async Task L1_A_node_whose_certificate_is_not_valid_now_is_refused_and_another_party_goes_on(int fromDays, int untilDays, string reason)
    {
        _network.Certificates["alice"].Write(TimeSpan.FromDays(fromDays), TimeSpan.FromDays(untilDays));
        Repin();
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        LinkDialer alice = _network.Dial("alice", answer: Count, certificate: Reloaded("alice"));
        await RefusedAsync(alice, reason);
        Assert.Equal(reason == "Expired" ? ["alice"] : [], _network.Listener.ExpiredPeers.Select(static peer => peer.Party));
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));
    }

    [Fact]
    public async Task L1_A_coordinator_whose_certificate_has_expired_is_out_and_another_is_answered()
    {
        TestCertificate old = _network.Keep(new TestCertificate(validUntil: TimeSpan.FromDays(-1)));
        await using LinkListener expired = await LinkListener.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), old.Link, _network.Pins, _network.Limits, TimeProvider.System, _network.Logs, CancellationToken.None);
        await _network.ListenAsync();
        await using var alice = LinkDialer.Start(
            "alice-1",
            [new DnsEndPoint("127.0.0.1", expired.Endpoint.Port), new DnsEndPoint("127.0.0.1", _network.Port)],
            _network.Certificates["alice"].Link,
            new LinkPins(new Dictionary<string, IReadOnlyList<string>> { ["coordinator"] = [_network.Coordinator.Pin], ["expired"] = [old.Pin] }),
            _network.Limits,
            static (request, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(request),
            TimeProvider.System,
            _network.Logs);
        await Condition.HoldsAsync("one is out", () => alice.Links is [{ IsUp: false, Fault: "certificate_refused" }, { IsUp: true }]);
        Assert.Equal("expired", Assert.Single(alice.ExpiredPeers).Party);
        Assert.Equal(1, _network.Logs.Count("refused in their handshake: Expired"));
        Assert.Equal("x", await _network.AskAsync("alice", "x"));
    }

    [Fact]
    public async Task L1_A_connection_without_a_certificate_is_refused_before_it_says_anything()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, _network.Port);
        await using SslStream tls = new(client.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "coordinator",
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 known && LinkPins.Of(known) == _network.Coordinator.Pin,
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            });
            if (await tls.ReadAsync(new byte[1024]) == 0)
                throw new IOException("closed");
        });
        await Condition.HoldsAsync("it was logged", () => _network.Logs.Count("Missing") > 0);
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));
    }

    [Fact]
    public async Task L1_Garbage_instead_of_a_handshake_disturbs_nobody()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("bob");
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, _network.Port);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        using TcpClient silent = new();
        await silent.ConnectAsync(IPAddress.Loopback, _network.Port);
        Assert.Equal("bob-1:x", await _network.AskAsync("bob", "x"));
        byte[] buffer = new byte[1024];
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await client.GetStream().ReadAsync(buffer) > 0)
                Assert.NotEqual((byte)'H', buffer[0]);
            throw new IOException("closed");
        });
    }

    [Fact]
    public async Task L1_A_participant_refuses_a_coordinator_that_is_not_pinned_and_answers_it_nothing()
    {
        await _network.ListenAsync();
        LinkPins others = new(new Dictionary<string, IReadOnlyList<string>> { ["coordinator"] = [_network.Certificates["bob"].Pin] });
        LinkDialer alice = _network.Dial("alice", answer: Count, pins: others);
        await Condition.HoldsAsync("it was refused", () => alice.Links[0] is { IsUp: false, Fault: "certificate_refused" });
        Assert.Equal(1, _network.Logs.Count("Unpinned"));
        Assert.Equal(LinkException.NoLink, await _network.CodeOfAsync("alice", "x"));
        Assert.Equal(0, _bytesSeen);
    }

    [Fact]
    public async Task L1_Whoever_knocks_again_and_again_fills_no_log()
    {
        await _network.ListenAsync();
        TestCertificate unknown = _network.Keep(new TestCertificate());
        LinkDialer[] many = [.. Enumerable.Range(0, 8).Select(number => _network.Dial("alice", $"m-{number}", certificate: unknown))];
        await Condition.HoldsAsync("all were refused", () => many.All(static one => one.Links[0].Fault is not null));
        Assert.Equal(1, _network.Logs.Count("Unpinned"));
    }

    [Fact]
    public async Task A_node_with_a_name_that_nobody_should_read_in_a_log_is_refused()
    {
        await _network.ListenAsync();
        LinkDialer alice = _network.Dial("alice", "alice 1");
        await Condition.HoldsAsync("it was refused", () => alice.Links[0] is { IsUp: false, Fault: "node_refused" });
        Assert.Empty(_network.Listener.Links);
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_on_disk_is_used_by_the_next_handshake_while_links_stay_up()
    {
        using TestCertificate renewed = new();
        string newPin = renewed.Pin;
        _network.Pins = new LinkPins(new Dictionary<string, IReadOnlyList<string>> { ["alice"] = [_network.Certificates["alice"].Pin, newPin] });
        await _network.ListenAsync();
        int port = _network.Port;
        LinkDialer alice = await _network.JoinAsync("alice");
        File.Copy(renewed.CertificateFile, _network.Certificates["alice"].CertificateFile, overwrite: true);
        File.Copy(renewed.KeyFile, _network.Certificates["alice"].KeyFile, overwrite: true);
        Assert.True(alice.Links[0].IsUp);

        // From here on only the new key is pinned.
        await _network.Listener.DisposeAsync();
        _network.Pins = new LinkPins(new Dictionary<string, IReadOnlyList<string>> { ["alice"] = [newPin] });
        await _network.ListenAsync(port);
        await _network.UpAsync("alice-1");
        Assert.Equal("alice-1:new", await _network.AskAsync("alice", "new"));
    }

    [Fact]
    public async Task L1_A_link_ends_with_the_certificate_that_it_was_made_with()
    {
        _network.Certificates["alice"].Write(TimeSpan.FromDays(-1), TimeSpan.FromSeconds(8));
        Repin();
        await _network.ListenAsync();
        LinkDialer alice = _network.Dial("alice", certificate: Reloaded("alice"));
        await _network.UpAsync("alice-1");
        await Condition.HoldsAsync("the link ended", () => !Assert.Single(_network.Listener.Links).IsUp);
        Assert.Equal("certificate_expired", _network.Listener.Links[0].Fault);
        await RefusedAsync(alice, "Expired");
    }

    private void Repin() => _network.Pins = new LinkPins(
        _network.Certificates.ToDictionary(static one => one.Key, static one => (IReadOnlyList<string>)[one.Value.Pin]));

    // The object of before looks at the files only after a while.
    private TestCertificate Reloaded(string party) => _network.Keep(new TestCertificate(_network.Certificates[party]));

    private async Task RefusedAsync(LinkDialer dialer, string reason)
    {
        await Condition.HoldsAsync("it was logged", () => _network.Logs.Count($"refused in their handshake: {reason}") > 0);
        await Condition.HoldsAsync("the dialer is down", () => dialer.Links[0] is { IsUp: false, Fault: not null });
        Assert.Equal(LinkException.NoLink, await _network.CodeOfAsync("alice", "x"));
        Assert.Equal(0, _bytesSeen);
    }

    private ValueTask<ReadOnlyMemory<byte>?> Count(ReadOnlyMemory<byte> request, CancellationToken end)
    {
        Interlocked.Increment(ref _bytesSeen);
        return ValueTask.FromResult<ReadOnlyMemory<byte>?>(null);
    }
}
