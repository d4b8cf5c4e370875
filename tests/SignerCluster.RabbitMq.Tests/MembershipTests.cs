using System.Diagnostics;
using SignerCluster.Conformance;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>Several nodes of one party, and what happens when one goes.</summary>
[Collection(BrokerTests.Name)]
public sealed class MembershipTests(TestBroker broker)
{
    private const int Entities = 200;

    [Fact]
    public async Task An_entity_lives_on_one_node_while_membership_is_unchanged_and_both_nodes_have_their_share()
    {
        await using Mailboxes first = Hosts.Saying(1);
        await using Mailboxes second = Hosts.Saying(2);
        await using RabbitMqEngine alice1 = await broker.StartAsync(broker.Alice, "alice-1", first);
        await using RabbitMqEngine alice2 = await broker.StartAsync(broker.Alice, "alice-2", second);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();

        byte[] before = await WhereAsync(asker);
        Assert.Equal(before, await WhereAsync(asker));
        Assert.All((byte[])[1, 2], node => Assert.InRange(before.Count(where => where == node), Entities / 5, Entities * 4 / 5));
    }

    [Fact]
    public async Task When_the_connection_of_one_node_dies_the_other_gets_everything_until_it_is_back()
    {
        await using var line = new CutProxy(broker.Port);
        await using Mailboxes first = Hosts.Saying(1);
        await using Mailboxes second = Hosts.Saying(2);
        await using RabbitMqEngine alice1 = await TestBroker.StartAsync(
            broker.SettingsOf(broker.Alice, "alice-1", line.Port), new BrokerRoutes(static _ => null, []), first);
        await using RabbitMqEngine alice2 = await broker.StartAsync(broker.Alice, "alice-2", second);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.AnswerTimeout = TimeSpan.FromMilliseconds(500));
        Assert.Contains((byte)1, await WhereAsync(asker));

        line.Cut();
        while ((await WhereAsync(asker)).Contains((byte)1))
            await Task.Yield();
        Assert.DoesNotContain((byte)1, await WhereAsync(asker));

        line.Mend();
        while (!(await WhereAsync(asker)).Contains((byte)1))
            await Task.Yield();
    }

    [Fact]
    public async Task After_kill_9_of_a_node_the_other_one_gets_everything()
    {
        await using Mailboxes first = Hosts.Saying(1);
        await using RabbitMqEngine alice1 = await broker.StartAsync(broker.Alice, "alice-1", first);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.AnswerTimeout = TimeSpan.FromMilliseconds(500));
        using Process second = OtherProcess.Start("serve", $"{broker.Port}", broker.VirtualHost, broker.Alice, "alice-2");
        Assert.Equal(OtherProcess.Ready, await second.StandardOutput.ReadLineAsync());
        Assert.Contains(OtherProcess.Word, await WhereAsync(asker));

        second.Kill();
        await second.WaitForExitAsync();
        while ((await WhereAsync(asker)).Contains(OtherProcess.Word))
            await Task.Yield();
        Assert.All(await WhereAsync(asker), static where => Assert.Equal(1, where));
    }

    [Fact]
    public async Task C7_A_node_that_stops_loses_no_request_and_the_other_node_takes_over()
    {
        var started = new Gate("the first node handles a request");
        var release = new Gate("release");
        await using Mailboxes second = Hosts.Saying(2);
        await using Mailboxes first = Hosts.Of(async (_, _) =>
        {
            started.Open();
            await release.WaitAsync();
            return (byte[])[1];
        });
        RabbitMqEngine alice1 = await broker.StartAsync(broker.Alice, "alice-1", first, static tuning => (tuning.Prefetch, tuning.MaximumHandling) = (8, 16));
        await using RabbitMqEngine alice2 = await broker.StartAsync(broker.Alice, "alice-2", second);
        await using RabbitMqEngine asker = await broker.StartAskerAsync();

        // Most of the first node's share waits in the broker when it begins to stop.
        Task<ReadOnlyMemory<byte>>[] asked = [.. Enumerable.Range(0, Entities).Select(i => asker.AskAsync($"echo/alice/{i}"))];
        await started.WaitAsync();
        Task stopped = alice1.DisposeAsync().AsTask();
        Assert.False(stopped.IsCompleted);
        release.Open();
        await stopped;
        Assert.Contains((byte)1, (await Task.WhenAll(asked)).Select(static reply => reply.Span[0]));
        Assert.All(await WhereAsync(asker), static where => Assert.Equal(2, where));
    }

    [Fact]
    public async Task Asks_to_many_entities_arrive_in_order_for_each()
    {
        var handled = new System.Collections.Concurrent.ConcurrentDictionary<string, List<int>>(StringComparer.Ordinal);
        IEngine local = Hosts.Engine((to, request) =>
        {
            handled.GetOrAdd(to.ToString(), static _ => []).Add(BitConverter.ToInt32(request.Span));
            return new(request);
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await broker.StartAskerAsync(tune: static tuning => tuning.MaximumInFlight = 5000);
        await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => asker.AskAsync($"echo/alice/{i % 7}", BitConverter.GetBytes(i))));

        Assert.Equal(7, handled.Count);
        Assert.All(handled.Values, static order => Assert.Equal(order.Order(), order));
    }

    /// <summary>For each of many entities the node that answers for it.</summary>
    private static async Task<byte[]> WhereAsync(RabbitMqEngine asker) =>
        [.. (await Task.WhenAll(Enumerable.Range(0, Entities).Select(i => asker.PersistAsync($"echo/alice/{i}")))).Select(static reply => reply[0])];
}
