using System.Collections.Concurrent;

namespace SignerCluster.Links.Tests;

public sealed class AskTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Network _network = new("alice", "bob");

    public Task InitializeAsync() => Task.CompletedTask;

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    [Fact]
    public async Task A_request_reaches_the_party_that_is_asked_and_its_answer_comes_back()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("alice");
        await _network.JoinAsync("bob");
        Assert.Equal("alice-1:one", await _network.AskAsync("alice", "one"));
        Assert.Equal("bob-1:two", await _network.AskAsync("bob", "two"));
        Assert.Equal("alice-1:", await _network.AskAsync("alice", string.Empty));
    }

    [Fact]
    public async Task Both_ends_show_who_is_at_the_other()
    {
        await _network.ListenAsync();
        LinkDialer alice = await _network.JoinAsync("alice");
        LinkState here = Assert.Single(_network.Listener.Links);
        Assert.Equal(("alice", "alice-1", true, null), (here.Party, here.Node, here.IsUp, here.Fault));
        Assert.StartsWith("127.0.0.1:", here.Address, StringComparison.Ordinal);
        LinkState there = Assert.Single(alice.Links);
        Assert.Equal(("coordinator", "alice-1", $"127.0.0.1:{_network.Port}", true), (there.Party, there.Node, there.Address, there.IsUp));
    }

    [Fact]
    public async Task A_thousand_requests_at_once_each_get_their_own_answer()
    {
        _network.Limits = _network.Limits with { Window = 1000 };
        await _network.ListenAsync();
        await _network.JoinAsync("alice");
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(number => _network.AskAsync("alice", $"{number}")));
        Assert.Equal(Enumerable.Range(0, 1000).Select(static number => $"alice-1:{number}"), answers);
    }

    [Fact]
    public async Task Answers_come_in_the_order_in_which_they_are_ready()
    {
        TaskCompletionSource first = new();
        await _network.ListenAsync();
        await _network.JoinAsync("alice", answer: async (request, _) =>
        {
            if (Network.Text(request) == "first")
                await first.Task.WaitAsync(CancellationToken.None);
            return request;
        });
        Task<string> slow = _network.AskAsync("alice", "first");
        Assert.Equal("second", await _network.AskAsync("alice", "second"));
        Assert.False(slow.IsCompleted);
        first.SetResult();
        Assert.Equal("first", await slow);
    }

    [Fact]
    public async Task The_longest_frame_is_carried_and_a_longer_one_is_refused_before_it_is_sent()
    {
        await _network.ListenAsync();
        await _network.JoinAsync("alice", answer: static (request, _) => ValueTask.FromResult<ReadOnlyMemory<byte>?>(request));
        byte[] longest = new byte[_network.Limits.MaximumFrameBytes];
        Random.Shared.NextBytes(longest);
        ReadOnlyMemory<byte>[] answers =
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _network.Listener.RouteTo("alice").AskAsync(longest, CancellationToken.None).AsTask()));
        Assert.All(answers, answer => Assert.True(answer.Span.SequenceEqual(longest)));
        LinkException refused = await Assert.ThrowsAsync<LinkException>(
            () => _network.Listener.RouteTo("alice").AskAsync(new byte[longest.Length + 1], CancellationToken.None).AsTask());
        Assert.Equal((LinkException.FrameTooLong, false), (refused.Code, refused.IsTransient));
        Assert.True(Assert.Single(_network.Listener.Links).IsUp);
    }

    [Fact]
    public async Task A_party_without_a_node_is_refused_at_once_whether_it_is_known_or_not()
    {
        await _network.ListenAsync();
        Assert.Equal(LinkException.NoLink, await _network.CodeOfAsync("bob", "anyone?"));
        Assert.Equal(LinkException.NoLink, await _network.CodeOfAsync("mallory", "anyone?"));
    }

    [Fact]
    public async Task A_handler_that_says_nothing_breaks_or_says_too_much_leaves_its_asker_without_an_answer_and_the_link_up()
    {
        _network.Limits = _network.Limits with { Window = 2 };
        await _network.ListenAsync();
        await _network.JoinAsync("alice", answer: (request, _) => Network.Text(request) switch
        {
            "nothing" => ValueTask.FromResult<ReadOnlyMemory<byte>?>(null),
            "broken" => throw new InvalidOperationException("a defect"),
            "long" => ValueTask.FromResult<ReadOnlyMemory<byte>?>(new byte[_network.Limits.MaximumFrameBytes + 1]),
            _ => ValueTask.FromResult<ReadOnlyMemory<byte>?>(request),
        });

        // More of them than the window holds: each gives its place back, at both ends.
        foreach (string request in (string[])["nothing", "broken", "long", "nothing", "broken", "long"])
            Assert.Equal(LinkException.AnswerTimeout, await _network.CodeOfAsync("alice", request));
        Assert.Equal("well", await _network.AskAsync("alice", "well"));
        Assert.Equal(2, _network.Logs.Count("a defect"));
        Assert.True(Assert.Single(_network.Listener.Links).IsUp);
    }

    [Fact]
    public async Task A_request_without_an_answer_fails_in_time_and_gives_its_place_back_also_when_its_asker_left()
    {
        _network.Limits = _network.Limits with { Window = 2, AnswerTimeout = TimeSpan.FromMilliseconds(300) };
        ConcurrentBag<TaskCompletionSource> held = [];
        await _network.ListenAsync();
        await _network.JoinAsync("alice", answer: async (request, end) =>
        {
            TaskCompletionSource one = new();
            held.Add(one);
            await one.Task.WaitAsync(end);
            return request;
        });
        using CancellationTokenSource leaves = new();
        Task<ReadOnlyMemory<byte>> left = _network.Listener.RouteTo("alice").AskAsync(Network.Bytes("left"), leaves.Token).AsTask();
        Task<string> stayed = _network.CodeOfAsync("alice", "stayed");
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left.WaitAsync(CancellationToken.None));
        Assert.Equal(LinkException.Overloaded, await _network.CodeOfAsync("alice", "one too many"));
        Assert.Equal(LinkException.AnswerTimeout, await stayed);

        // Late answers find nobody and do no harm.
        await Condition.HoldsAsync("both are held", () => held.Count == 2);
        foreach (TaskCompletionSource one in held)
            one.SetResult();
        Assert.Equal(LinkException.AnswerTimeout, await _network.CodeOfAsync("alice", "again"));
        Assert.True(Assert.Single(_network.Listener.Links).IsUp);
    }
}
