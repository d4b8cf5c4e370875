using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SignerCluster.Conformance;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>Entities of one group: what is asked of them travels together and ends on one node.</summary>
[Collection(BrokerTests.Name)]
public sealed class GroupTests(TestBroker broker)
{
    private const int Entities = 100;

    [Fact]
    public async Task The_entities_of_a_group_live_on_one_node_and_each_gets_its_own_answer()
    {
        await using RabbitMqEngine alice1 = await broker.StartAsync(broker.Alice, "alice-1", Saying(1));
        await using RabbitMqEngine alice2 = await broker.StartAsync(broker.Alice, "alice-2", Saying(2));
        await using RabbitMqEngine asker = await StartAskerAsync();
        byte[][] answers = await Task.WhenAll(Enumerable.Range(0, Entities).Select(async i => (await asker.AskAsync($"echo/alice/{i}", (byte)i)).ToArray()));
        Assert.Equal(Enumerable.Range(0, Entities), answers.Select(static answer => (int)answer[1]));
        Assert.Single(answers.Select(static answer => answer[0]).Distinct());
    }

    [Fact]
    public async Task When_no_node_runs_every_ask_of_a_group_is_unroutable_at_once()
    {
        await using RabbitMqEngine asker = await StartAskerAsync();
        EngineException[] faults = await Task.WhenAll(Enumerable.Range(0, Entities).Select(i => asker.FailAsync($"echo/alice/{i}", (byte)i)));
        Assert.All(faults, static fault => Assert.Equal(("unroutable", true), (fault.Code, fault.IsTransient)));
    }

    [Fact]
    public async Task One_that_fails_and_one_that_is_slow_keep_no_other_of_their_group_waiting()
    {
        var release = new Gate("release");
        IEngine local = Hosts.Engine(async (to, request) =>
        {
            if (to.Parts[2] == "0")
                throw new EngineException("entity_quarantined", $"{to} is broken.", isTransient: false);
            if (to.Parts[2] == "1")
                await release.WaitAsync();
            return request;
        });
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", local);
        await using RabbitMqEngine asker = await StartAskerAsync();
        Task<EngineException> failed = asker.FailAsync("echo/alice/0", 0);
        Task<ReadOnlyMemory<byte>> slow = asker.AskAsync("echo/alice/1", 1);
        ReadOnlyMemory<byte>[] others = await Task.WhenAll(Enumerable.Range(2, Entities).Select(i => asker.AskAsync($"echo/alice/{i}", (byte)i)));
        Assert.Equal(Enumerable.Range(2, Entities), others.Select(static answer => (int)answer.Span[0]));
        Assert.Equal("entity_quarantined", (await failed).Code);
        Assert.False(slow.IsCompleted);
        release.Open();
        Assert.Equal([1], (await slow).ToArray());
    }

    [Fact]
    public async Task What_is_asked_of_a_group_at_one_moment_takes_fewer_messages_than_asks()
    {
        // The broker's own trace of what was published to alice.
        await broker.ControlAsync("trace_on", "-p", broker.VirtualHost);
        try
        {
            await using IConnection administrator = await broker.ConnectAsync(broker.Administrator);
            await using IChannel channel = await administrator.CreateChannelAsync();
            string queue = (await channel.QueueDeclareAsync()).QueueName;
            await channel.QueueBindAsync(queue, "amq.rabbitmq.trace", $"publish.in.{broker.Alice}");
            int letters = 0;
            int messages = 0;
            var all = new Gate("every ask was seen by the broker");
            AsyncEventingBasicConsumer consumer = new(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                messages++;
                ReadOnlyMemory<byte> rest = delivery.Body;
                while (Parcel.TryTake(ref rest, out Letter _))
                    letters++;
                Assert.True(rest.IsEmpty);
                if (letters == Entities)
                    all.Open();
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
            await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", Saying(1));
            await using RabbitMqEngine asker = await StartAskerAsync();
            // All are queued before the publisher gets the thread: nothing here waits.
            await Task.WhenAll(Enumerable.Range(0, Entities).Select(i => asker.AskAsync($"echo/alice/{i}", (byte)i)));
            await all.WaitAsync();
            Assert.InRange(messages, 1, Entities / 2);
        }
        finally
        {
            await broker.ControlAsync("trace_off", "-p", broker.VirtualHost);
        }
    }

    private Task<RabbitMqEngine> StartAskerAsync() => TestBroker.StartAsync(
        broker.SettingsOf(broker.Coordinator, "coordinator-1"),
        new BrokerRoutes(broker.PartyOf, [broker.Alice]) { GroupOf = static _ => "all-of-them" },
        local: null);

    /// <summary>Answers with its own word and the request.</summary>
    private static IEngine Saying(byte word) => Hosts.Engine((_, request) => new((byte[])[word, .. request.Span]));
}
