using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq.Tests;

/// <summary>What the rights in the definitions file keep a party from, tried with real connections as that party.</summary>
[Collection(BrokerTests.Name)]
public sealed class IsolationTests(TestBroker broker) : IAsyncLifetime
{
    private const ushort AccessRefused = 403;
    private const ushort ResourceLocked = 405;
    private readonly IEngine _local = Hosts.Engine(static (_, request) => new(request));
    private RabbitMqEngine? _bob;
    private IConnection? _alice;

    public async Task InitializeAsync()
    {
        _bob = await broker.StartAsync(broker.Bob, "bob-1", _local);
        _alice = await broker.ConnectAsync(broker.Alice);
    }

    public async Task DisposeAsync()
    {
        await _alice!.DisposeAsync();
        await _bob!.DisposeAsync();
    }

    [Fact]
    public async Task No_party_reads_another_partys_queue()
    {
        string queue = $"{broker.Bob}.bob-1.in";
        await AssertRefusedAsync(channel => channel.BasicConsumeAsync(queue, autoAck: true, new AsyncEventingBasicConsumer(channel)));
        await AssertRefusedAsync(channel => channel.BasicGetAsync(queue, autoAck: true));
        await AssertRefusedAsync(channel => channel.QueuePurgeAsync(queue));
        await AssertRefusedAsync(channel => channel.QueueDeleteAsync(queue));
        await AssertRefusedAsync(channel => channel.QueueDeclareAsync($"{broker.Bob}.bob-2.in", exclusive: true));
    }

    [Theory]
    [InlineData("out.bob")]
    [InlineData("in.bob")]
    [InlineData("out.coordinator")]
    [InlineData("in.coordinator")]
    public async Task No_party_listens_to_what_is_sent_to_others(string exchange)
    {
        await AssertRefusedAsync(async channel =>
        {
            string own = $"{broker.Alice}.spy.in";
            await channel.QueueDeclareAsync(own, exclusive: true);
            await channel.QueueBindAsync(own, RealName(exchange), "1");
        });
    }

    [Theory]
    [InlineData("out.bob")]
    [InlineData("in.bob")]
    [InlineData("in.coordinator")]
    [InlineData("out.coordinator")]
    [InlineData("")]
    [InlineData("amq.direct")]
    public async Task No_party_publishes_as_another_or_reaches_one_that_it_may_not_ask(string exchange)
    {
        await AssertRefusedAsync(async channel =>
        {
            var closed = new TaskCompletionSource<ShutdownEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
            channel.ChannelShutdownAsync += (_, reason) =>
            {
                closed.TrySetResult(reason);
                return Task.CompletedTask;
            };
            await channel.BasicPublishAsync(RealName(exchange), $"{broker.Bob}.bob-1.in", "forged"u8.ToArray());
            throw new OperationInterruptedException(await closed.Task);
        });
    }

    [Fact]
    public async Task No_party_changes_what_the_administrator_made()
    {
        await AssertRefusedAsync(channel => channel.ExchangeDeclareAsync($"in.{broker.Alice}", "fanout"));
        await AssertRefusedAsync(channel => channel.ExchangeDeclareAsync("mine", "fanout"));
        await AssertRefusedAsync(channel => channel.ExchangeDeleteAsync($"out.{broker.Bob}"));
        await AssertRefusedAsync(channel => channel.ExchangeBindAsync($"out.{broker.Alice}", $"in.{broker.Bob}", "1"));
    }

    [Fact]
    public async Task No_party_sends_to_another_by_way_of_a_queues_dead_letters()
    {
        await AssertRefusedAsync(channel => channel.QueueDeclareAsync(
            $"{broker.Alice}.trick.in",
            exclusive: true,
            arguments: new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-dead-letter-exchange"] = $"in.{broker.Bob}" }));
    }

    [Fact]
    public async Task Every_party_can_work_with_the_rights_that_it_has()
    {
        await using RabbitMqEngine alice = await broker.StartAsync(broker.Alice, "alice-1", _local);
        await using RabbitMqEngine coordinator = await broker.StartAskerAsync(local: _local);
        foreach (string party in (string[])["alice", "bob", "coordinator"])
            Assert.Equal([7], (await coordinator.AskAsync($"echo/{party}/one", 7)).ToArray());
    }

    private string RealName(string exchange) =>
        exchange.Replace("bob", broker.Bob, StringComparison.Ordinal).Replace("coordinator", broker.Coordinator, StringComparison.Ordinal);

    private async Task AssertRefusedAsync(Func<IChannel, Task> attempt)
    {
        await using IChannel channel = await _alice!.CreateChannelAsync();
        OperationInterruptedException refused = await Assert.ThrowsAnyAsync<OperationInterruptedException>(() => attempt(channel));
        Assert.Contains(refused.ShutdownReason!.ReplyCode, (ushort[])[AccessRefused, ResourceLocked]);
    }
}
