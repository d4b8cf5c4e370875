using SignerCluster.Conformance;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>The line to the broker, and the broker itself, go away and come back.</summary>
[Collection(BrokerTests.Name)]
public sealed class ConnectionTests(TestBroker broker)
{
    [Fact]
    public async Task Asks_that_wait_end_when_the_connection_is_lost_and_the_next_ones_work_after_it_is_back()
    {
        await using var line = new CutProxy(broker.Port);
        var started = new Gate("the request is being handled");
        var release = new Gate("release");
        await using Mailboxes local = Hosts.Of(async (request, _) =>
        {
            started.Open();
            await release.WaitAsync();
            return request;
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(port: line.Port);
        Assert.True(asker.IsUp, asker.Fault);

        Task<EngineException>[] waiting = [.. Enumerable.Range(0, 10).Select(i => asker.FailAsync("echo/alice/one", (byte)i))];
        await started.WaitAsync();
        line.Cut();
        Assert.All(await Task.WhenAll(waiting), static fault => Assert.Equal(("connection_lost", true), (fault.Code, fault.IsTransient)));

        EngineException meanwhile = await asker.FailAsync("echo/alice/one", 11);
        Assert.Equal(("broker_unavailable", true), (meanwhile.Code, meanwhile.IsTransient));
        Assert.False(asker.IsUp);
        Assert.Contains($"127.0.0.1:{line.Port}", asker.Fault, StringComparison.Ordinal);

        release.Open();
        line.Mend();
        Assert.Equal([12], await asker.PersistAsync("echo/alice/one", 12));
        Assert.True(asker.IsUp, asker.Fault);
    }

    [Fact]
    public async Task A_node_whose_connection_was_lost_while_it_handled_answers_on_the_next_one()
    {
        await using var line = new CutProxy(broker.Port);
        var started = new Gate("the request is being handled");
        var release = new Gate("release");
        await using Mailboxes local = Hosts.Of(async (request, _) =>
        {
            started.Open();
            await release.WaitAsync();
            return request;
        });
        await using RabbitMqEngine alice = await TestBroker.StartAsync(
            broker.SettingsOf(broker.Alice, "alice-1", line.Port), new BrokerRoutes(static _ => null, []), local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();

        Task<ReadOnlyMemory<byte>> ask = asker.AskAsync("echo/alice/one", 1);
        await started.WaitAsync();
        line.Cut();
        while (alice.IsUp)
            await Task.Yield();
        line.Mend();
        while (!alice.IsUp)
            await Task.Yield();
        release.Open();
        Assert.Equal([1], (await ask).ToArray());
    }

    [Fact]
    public async Task A_line_that_carries_nothing_any_more_counts_as_lost()
    {
        await using var line = new CutProxy(broker.Port);
        var started = new Gate("the request is being handled");
        var release = new Gate("release");
        await using Mailboxes local = Hosts.Of(async (request, _) =>
        {
            started.Open();
            await release.WaitAsync();
            return request;
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(port: line.Port, tune: static tuning => tuning.Heartbeat = TimeSpan.FromSeconds(1));

        Task<EngineException> waiting = asker.FailAsync("echo/alice/one", 1);
        await started.WaitAsync();
        line.Silence();
        Assert.Equal("connection_lost", (await waiting).Code);
        release.Open();
        line.Cut();
        line.Mend();
        Assert.Equal([2], await asker.PersistAsync("echo/alice/one", 2));
    }

    [Fact]
    public async Task A_stop_ends_while_the_broker_cannot_be_reached()
    {
        await using var line = new CutProxy(broker.Port);
        RabbitMqEngine asker = await broker.StartAskerAsync(port: line.Port);
        line.Cut();
        while (asker.IsUp)
            await Task.Yield();
        await asker.DisposeAsync();
        Assert.Equal("engine_stopped", (await asker.FailAsync("echo/alice/one", 1)).Code);
    }

    [Fact]
    public async Task While_the_broker_takes_no_messages_asks_fail_at_once_and_then_go_on()
    {
        await using Mailboxes local = Hosts.Echo();
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.AnswerTimeout = TimeSpan.FromMilliseconds(500));
        await broker.ControlAsync("set_vm_memory_high_watermark", "0");
        try
        {
            // The broker tells a connection of its alarm when that publishes.
            EngineException fault;
            do
                fault = await asker.FailAsync("echo/alice/one", 1);
            while (fault.Code == "answer_timeout");
            Assert.Equal(("broker_unavailable", true), (fault.Code, fault.IsTransient));
            Assert.Contains("takes no messages", asker.Fault, StringComparison.Ordinal);
        }
        finally
        {
            await broker.ControlAsync("set_vm_memory_high_watermark", "0.4");
        }

        Assert.Equal([2], await asker.PersistAsync("echo/alice/one", 2));
        Assert.True(asker.IsUp, asker.Fault);
    }

    [Fact]
    public async Task A_broker_that_restarts_is_met_again_by_itself()
    {
        await using Mailboxes local = Hosts.Echo();
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();
        Assert.Equal([1], await asker.PersistAsync("echo/alice/one", 1));

        await broker.ControlAsync("stop_app");
        while (asker.IsUp)
            await Task.Yield();
        Assert.Equal("broker_unavailable", (await asker.FailAsync("echo/alice/one", 1)).Code);
        await broker.ControlAsync("start_app");

        Assert.Equal([2], await asker.PersistAsync("echo/alice/one", 2));
    }
}
