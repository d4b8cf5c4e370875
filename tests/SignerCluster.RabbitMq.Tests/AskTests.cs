using SignerCluster.Conformance;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>Every ask ends, and how.</summary>
[Collection(BrokerTests.Name)]
public sealed class AskTests(TestBroker broker)
{
    private readonly Gate _release = new("release");

    [Fact]
    public async Task A_party_of_which_no_node_runs_is_unroutable_at_once_and_for_now()
    {
        await using RabbitMqEngine asker = await broker.StartAskerAsync();
        EngineException fault = await asker.FailAsync("echo/alice/one", 1);
        Assert.Equal(("unroutable", true), (fault.Code, fault.IsTransient));
        Assert.Contains(broker.Alice, fault.Message, StringComparison.Ordinal);

        await using Mailboxes local = Hosts.Echo();
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        Assert.Equal([2], (await asker.AskAsync("echo/alice/one", 2)).ToArray());
    }

    [Fact]
    public async Task A_party_that_this_node_does_not_ask_is_unroutable_for_good()
    {
        await using RabbitMqEngine asker = await TestBroker.StartAsync(
            broker.SettingsOf(broker.Coordinator, "coordinator-1"), new BrokerRoutes(broker.PartyOf, [broker.Bob]), local: null);
        EngineException fault = await asker.FailAsync("echo/alice/one", 1);
        Assert.Equal(("unroutable", false), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task A_fault_of_the_engine_that_handles_is_thrown_at_the_asker_as_it_was()
    {
        IEngine local = Hosts.Engine((to, _) => throw new EngineException("entity_quarantined", $"{to} is broken.", isTransient: false));
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();
        EngineException fault = await asker.FailAsync("echo/alice/one", 1);
        Assert.Equal(("entity_quarantined", "echo/alice/one is broken.", false), (fault.Code, fault.Message, fault.IsTransient));
    }

    [Fact]
    public async Task A_defect_of_the_engine_that_handles_fails_its_asker_and_nobody_else()
    {
        IEngine local = Hosts.Engine((to, request) => to.Parts[2] == "one" ? throw new InvalidOperationException("secret detail") : new(request));
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();
        EngineException fault = await asker.FailAsync("echo/alice/one", 1);
        Assert.Equal(("entity_failed", true), (fault.Code, fault.IsTransient));
        Assert.DoesNotContain("secret detail", fault.Message, StringComparison.Ordinal);
        Assert.Equal([2], (await asker.AskAsync("echo/alice/two", 2)).ToArray());
    }

    [Fact]
    public async Task A_request_that_is_not_trusted_gets_no_answer_and_its_asker_gives_up_by_itself()
    {
        IEngine local = Hosts.Engine((_, _) => throw new EngineException("untrusted", "No roster names the sender.", isTransient: false));
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.AnswerTimeout = TimeSpan.FromMilliseconds(200));
        EngineException fault = await asker.FailAsync("echo/alice/one", 1);
        Assert.Equal(("answer_timeout", true), (fault.Code, fault.IsTransient));
    }

    [Fact]
    public async Task A_request_that_nobody_waits_for_any_more_is_not_handled()
    {
        var handled = new System.Collections.Concurrent.ConcurrentQueue<byte>();
        var started = new Gate("the first request is being handled");
        IEngine local = Hosts.Engine(async (_, request) =>
        {
            handled.Enqueue(request.Span[0]);
            started.Open();
            await _release.WaitAsync();
            return request;
        });
        // One at a time and a window of four: what comes after the first grows old, some of it in the node and the rest in the broker.
        await using RabbitMqEngine alice = await broker.StartAsync(
            broker.Alice, "alice-1", local, static tuning => (tuning.MaximumHandling, tuning.Prefetch) = (1, 4));
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.AnswerTimeout = TimeSpan.FromMilliseconds(300));

        Task<EngineException>[] abandoned = [.. Enumerable.Range(1, 20).Select(i => asker.FailAsync("echo/alice/one", (byte)i))];
        await started.WaitAsync();
        Assert.All(await Task.WhenAll(abandoned), static fault => Assert.Equal("answer_timeout", fault.Code));
        // By the time that one which came after all of them is given up, they are too old on every clock: the asker's, the broker's and the node's.
        Assert.Equal("answer_timeout", (await asker.FailAsync("echo/alice/one", 50)).Code);
        _release.Open();
        Assert.Equal([99], await asker.PersistAsync("echo/alice/one", 99));

        Assert.Equal([1], handled.Where(static request => request <= 20));
    }

    [Fact]
    public async Task One_ask_more_than_may_wait_is_overloaded_at_once_and_the_others_are_answered()
    {
        await using Mailboxes local = Hosts.Of(async (request, _) =>
        {
            await _release.WaitAsync();
            return request;
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.MaximumInFlight = 3);

        Task<ReadOnlyMemory<byte>>[] asks = [.. Enumerable.Range(1, 3).Select(i => asker.AskAsync("echo/alice/one", (byte)i))];
        EngineException fault = await asker.FailAsync("echo/alice/two", 4);
        Assert.Equal(("overloaded", true), (fault.Code, fault.IsTransient));

        _release.Open();
        Assert.Equal([1, 2, 3], (await Task.WhenAll(asks)).Select(static reply => reply.Span[0]));
        Assert.Equal([5], (await asker.AskAsync("echo/alice/two", 5)).ToArray());
    }

    [Fact]
    public async Task A_cancelled_ask_gives_its_place_free_and_its_reply_is_dropped()
    {
        var finished = new Gate("the abandoned request was handled");
        await using Mailboxes local = Hosts.Of(async (request, _) =>
        {
            await _release.WaitAsync();
            finished.Open();
            return request;
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.MaximumInFlight = 1);
        using var impatience = new CancellationTokenSource();

        Task abandoned = asker.AskAsync(EntityId.Parse("echo/alice/one"), new byte[] { 1 }, impatience.Token).AsTask();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => abandoned.WaitAsync(CancellationToken.None));
        Task<ReadOnlyMemory<byte>> next = asker.AskAsync("echo/alice/one", 2);
        _release.Open();
        Assert.Equal([2], (await next).ToArray());
    }

    [Fact]
    public async Task Messages_are_limited_in_both_directions()
    {
        IEngine local = Hosts.Engine(static (_, request) => new(new byte[request.Span[0] * 1024]));
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local, static tuning => tuning.MaximumMessageBytes = 4096);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.MaximumMessageBytes = 4096);
        Assert.Equal(4096, (await asker.AskAsync("echo/alice/one", 4)).Length);
        Assert.Equal("reply_too_large", (await asker.FailAsync("echo/alice/one", 5)).Code);
        Assert.Equal("request_too_large", (await asker.FailAsync("echo/alice/one", new byte[4097])).Code);
    }

    [Fact]
    public async Task Asks_are_answered_while_other_entities_are_slow()
    {
        IEngine local = Hosts.Engine(async (to, request) =>
        {
            if (to.Parts[2] == "slow")
                await _release.WaitAsync();
            return request;
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local, static tuning => tuning.Prefetch = 4);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();
        Task<ReadOnlyMemory<byte>>[] slow = [.. Enumerable.Range(0, 100).Select(i => asker.AskAsync("echo/alice/slow", (byte)i))];
        for (byte i = 0; i < 100; i++)
            Assert.Equal([i], (await asker.AskAsync("echo/alice/quick", i)).ToArray());
        _release.Open();
        await Task.WhenAll(slow);
    }
}
