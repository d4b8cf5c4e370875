using System.Collections.Concurrent;
using System.Net;

namespace SignerCluster.Links.Tests;

/// <summary>One coordinator and the participants of a test, with real sockets on loopback.</summary>
internal sealed class Network : IAsyncDisposable
{
    private readonly ConcurrentStack<IAsyncDisposable> _nodes = new();
    private readonly ConcurrentStack<IDisposable> _certificates = new();

    public Network(params string[] parties)
    {
        Coordinator = Keep(new TestCertificate());
        Certificates = parties.ToDictionary(static party => party, _ => Keep(new TestCertificate()));
        Pins = new LinkPins(Certificates.ToDictionary(static one => one.Key, static one => (IReadOnlyList<string>)[one.Value.Pin]));
    }

    public TestCertificate Coordinator { get; }

    public Dictionary<string, TestCertificate> Certificates { get; }

    /// <summary>The participants that the coordinator may meet.</summary>
    public LinkPins Pins { get; set; }

    public TestLogs Logs { get; } = new();

    public LinkLimits Limits { get; set; } = new() { FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(200) };

    public LinkListener Listener { get; private set; } = null!;

    public int Port => Listener.Endpoint.Port;

    public T Keep<T>(T certificate)
        where T : IDisposable
    {
        _certificates.Push(certificate);
        return certificate;
    }

    public async Task<LinkListener> ListenAsync(int port = 0, TimeProvider? time = null)
    {
        Listener = await LinkListener.StartAsync(
            new IPEndPoint(IPAddress.Loopback, port), Coordinator.Link, Pins, Limits, time ?? TimeProvider.System, Logs, CancellationToken.None);
        _nodes.Push(Listener);
        return Listener;
    }

    /// <summary>Starts a participant's node that answers with its own name and the request.</summary>
    public LinkDialer Dial(
        string party,
        string? node = null,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>>? answer = null,
        int? port = null,
        LinkLimits? limits = null,
        TestCertificate? certificate = null,
        LinkPins? pins = null,
        TimeProvider? time = null)
    {
        node ??= party + "-1";
        var dialer = LinkDialer.Start(
            node,
            [new DnsEndPoint("127.0.0.1", port ?? Port)],
            (certificate ?? Certificates[party]).Link,
            pins ?? new LinkPins(new Dictionary<string, IReadOnlyList<string>> { ["coordinator"] = [Coordinator.Pin] }),
            limits ?? Limits,
            answer ?? ((request, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(Bytes($"{node}:{Text(request)}"))),
            time ?? TimeProvider.System,
            Logs);
        _nodes.Push(dialer);
        return dialer;
    }

    /// <summary>Starts a participant's node as <see cref="Dial"/> does, and waits until its link is up at both ends.</summary>
    public async Task<LinkDialer> JoinAsync(
        string party, string? node = null, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<ReadOnlyMemory<byte>?>>? answer = null)
    {
        LinkDialer dialer = Dial(party, node, answer);
        await UpAsync(node ?? party + "-1");
        await Condition.HoldsAsync("the dialer is up", () => dialer.Links[0].IsUp);
        return dialer;
    }

    public Task UpAsync(string node) => Condition.HoldsAsync($"{node} is up", () => Listener.Links.Any(link => link.Node == node && link.IsUp));

    public async Task<string> AskAsync(string party, string request) => Text(await Listener.RouteTo(party).AskAsync(Bytes(request), CancellationToken.None));

    public async Task<string> CodeOfAsync(string party, string request) => (await Assert.ThrowsAsync<LinkException>(() => AskAsync(party, request))).Code;

    /// <summary>The answer, or the code of the refusal.</summary>
    public async Task<string> OutcomeAsync(string party, string request)
    {
        try
        {
            return await AskAsync(party, request);
        }
        catch (LinkException refused)
        {
            return refused.Code;
        }
    }

    public static ReadOnlyMemory<byte> Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable node in _nodes)
            await node.DisposeAsync();
        foreach (IDisposable certificate in _certificates)
            certificate.Dispose();
        Assert.Equal(0, Logs.Count("nobody expected"));
    }
}
