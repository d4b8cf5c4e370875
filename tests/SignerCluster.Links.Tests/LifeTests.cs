using System.Diagnostics;

namespace SignerCluster.Links.Tests;

/// <summary>Links that come, go, and come again.</summary>
public sealed class LifeTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Network _network = new("alice", "bob");

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public async Task Of_two_nodes_of_a_party_either_serves_and_when_one_dies_the_other_goes_on()
    {
        await _network.ListenAsync();
        LinkDialer first = await _network.JoinAsync("alice", "alice-1");
        await _network.JoinAsync("alice", "alice-2");
        string[] answers = [await _network.AskAsync("alice", "x"), await _network.AskAsync("alice", "x")];
        Assert.Equal(["alice-1:x", "alice-2:x"], answers.Order(StringComparer.Ordinal));

        await first.DisposeAsync();
        await Condition.HoldsAsync("the first is gone", () => _network.Listener.Links.Single(static link => link.Node == "alice-1") is { IsUp: false });
        for (int ask = 0; ask < 4; ask++)
            Assert.Equal("alice-2:x", await _network.AskAsync("alice", "x"));
    }

    [Fact]
    public async Task A_node_that_starts_before_its_coordinator_and_outlives_it_connects_by_itself()
    {
        await _network.ListenAsync();
        int port = _network.Port;
        LinkDialer alice = await _network.JoinAsync("alice");
        await _network.Listener.DisposeAsync();
        await Condition.HoldsAsync("nobody is there", () => alice.Links[0] is { IsUp: false, Fault: "unreachable" });
        await _network.ListenAsync(port);
        await _network.UpAsync("alice-1");
        Assert.Equal("alice-1:again", await _network.AskAsync("alice", "again"));
        await Condition.HoldsAsync("the dialer knows it", () => alice.Links[0] is { IsUp: true, Fault: null });
    }

    [Fact]
    public async Task A_stopping_coordinator_fails_whoever_waits_and_says_goodbye()
    {
        await _network.ListenAsync();
        LinkDialer alice = await _network.JoinAsync("alice", answer: Never);
        Task<string> waiting = _network.CodeOfAsync("alice", "long");
        var stopped = Stopwatch.StartNew();
        await _network.Listener.DisposeAsync();
        Assert.Equal(LinkException.LinkStopped, await waiting);
        Assert.Equal(LinkException.LinkStopped, await _network.CodeOfAsync("alice", "late"));
        Assert.InRange(stopped.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await Condition.HoldsAsync("the dialer heard it", () => _network.Logs.Count($"127.0.0.1:{_network.Port} ended: goodbye") > 0);
        Assert.False(alice.Links[0].IsUp);
        await _network.Listener.DisposeAsync();
    }

    [Fact]
    public async Task A_stopping_node_finishes_its_answers_and_takes_no_more()
    {
        TaskCompletionSource begun = new();
        TaskCompletionSource ready = new();
        await _network.ListenAsync();
        LinkDialer alice = await _network.JoinAsync("alice", answer: async (request, _) =>
        {
            begun.TrySetResult();
            if (Network.Text(request) == "under way")
                await ready.Task.WaitAsync(CancellationToken.None);
            return request;
        });
        Task<string> underWay = _network.AskAsync("alice", "under way");
        await begun.Task;
        Task stopping = alice.DisposeAsync().AsTask();
        await Condition.HoldsAsync("the goodbye arrived", async () => await _network.OutcomeAsync("alice", "another") == LinkException.NoLink);
        ready.SetResult();
        Assert.Equal("under way", await underWay);
        await stopping.WaitAsync(CancellationToken.None);
        await Condition.HoldsAsync("it left in peace", () => Assert.Single(_network.Listener.Links) is { IsUp: false, Fault: "goodbye" });
        await alice.DisposeAsync();
    }

    [Fact]
    public async Task A_stopping_node_does_not_wait_for_ever()
    {
        await _network.ListenAsync();
        TaskCompletionSource begun = new();
        LinkDialer alice = await _network.JoinAsync("alice", answer: (request, end) =>
        {
            begun.SetResult();
            return Never(request, end);
        });
        Task<string> waiting = _network.CodeOfAsync("alice", "long");
        await begun.Task;
        var stopped = Stopwatch.StartNew();
        await alice.DisposeAsync();
        Assert.InRange(stopped.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(LinkException.LinkLost, await waiting);
    }

    [Fact]
    public async Task A_new_link_of_a_node_takes_the_place_of_the_older_one()
    {
        await _network.ListenAsync();
        LinkDialer older = await _network.JoinAsync("alice", answer: Never);
        Task<string> waiting = _network.CodeOfAsync("alice", "who?");

        // While both run they take turns.
        LinkDialer newer = _network.Dial("alice", answer: static (_, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(Network.Bytes("newer")));
        Assert.Equal(LinkException.LinkLost, await waiting);
        await Condition.HoldsAsync("the older one knows why", () => _network.Logs.Count("is down: replaced") > 0);
        await older.DisposeAsync();
        await Condition.HoldsAsync("the newer one answers", async () => await _network.OutcomeAsync("alice", "who?") == "newer");
        Assert.True(newer.Links[0].IsUp);
        Assert.Single(_network.Listener.Links);
    }

    [Fact]
    public async Task A_line_that_swallows_everything_is_noticed_at_both_ends()
    {
        _network.Limits = _network.Limits with { Keepalive = TimeSpan.FromSeconds(1), KeepaliveTimeout = TimeSpan.FromSeconds(1) };
        await _network.ListenAsync();
        await using TestProxy proxy = new(_network.Port);
        LinkDialer alice = _network.Dial("alice", port: proxy.Port);
        await _network.UpAsync("alice-1");
        await Condition.HoldsAsync("the dialer is up", () => alice.Links[0].IsUp);

        proxy.Swallow();
        var silent = Stopwatch.StartNew();
        Assert.Equal(LinkException.LinkLost, await _network.CodeOfAsync("alice", "anyone?"));
        await Condition.HoldsAsync("the dialer noticed", () => !alice.Links[0].IsUp);
        Assert.InRange(silent.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.False(Assert.Single(_network.Listener.Links).IsUp);
    }

    [Fact]
    public async Task A_quiet_link_stays_up_for_longer_than_a_sign_of_life_takes()
    {
        _network.Limits = _network.Limits with { Keepalive = TimeSpan.FromSeconds(1), KeepaliveTimeout = TimeSpan.FromSeconds(1) };
        await _network.ListenAsync();
        LinkDialer alice = await _network.JoinAsync("alice");
        DateTimeOffset since = alice.Links[0].Since;
        await Condition.HoldsAsync("time passed", () => TimeProvider.System.GetUtcNow() - since > TimeSpan.FromSeconds(5));
        Assert.Equal((true, since), (alice.Links[0].IsUp, alice.Links[0].Since));
        Assert.Equal("alice-1:still there?", await _network.AskAsync("alice", "still there?"));
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> Never(ReadOnlyMemory<byte> request, CancellationToken end)
    {
        TaskCompletionSource never = new();
        await never.Task.WaitAsync(end);
        return null;
    }
}
