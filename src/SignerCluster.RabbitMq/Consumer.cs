using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace SignerCluster.RabbitMq;

/// <summary>Reads one queue of this node, message by message, in the order in which the broker delivers them.</summary>
/// <param name="take">Takes a message. Its bytes are valid until the task that it returns has completed; the next message waits for that. Cancelled with the channel.</param>
internal sealed class Consumer(IChannel channel, int prefetch, Func<Delivery, CancellationToken, ValueTask> take, Action<string> lost) : IAsyncBasicConsumer, IDisposable
{
    private readonly DeliveryWindow _window = new(channel, prefetch);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IChannel Channel => channel;

    /// <summary>Returns when the broker sends no more and everything that it sent has been taken.</summary>
    public Task WaitForCancelAsync(CancellationToken cancellation) => _cancelled.Task.WaitAsync(cancellation);

    public async Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        try
        {
            await take(new Delivery(exchange, properties.Type, properties.ReplyTo, properties.Expiration, body), cancellationToken);
            await _window.SeenAsync(deliveryTag);
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            lost(fault.Message);
        }
    }

    public Task AcknowledgeAsync() => _window.AcknowledgeAsync();

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _cancelled.TrySetResult();
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        lost("the broker removed a queue of this node");
        return Task.CompletedTask;
    }

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        lost(BrokerFaults.Reason(reason));
        return Task.CompletedTask;
    }

    public void Dispose() => _window.Dispose();
}

/// <summary>A message as it came. Everything in it was written by somebody else, but for the exchange, which the broker vouches for.</summary>
internal readonly record struct Delivery(string Exchange, string? Type, string? ReplyTo, string? Expiration, ReadOnlyMemory<byte> Body)
{
    /// <summary>The letters in it; nothing when it is no parcel.</summary>
    public ReadOnlyMemory<byte> Letters => Type == Parcel.Type ? Body : default;

    /// <summary>For how long, from when it was sent, somebody waits for the answer; not known when it does not say so.</summary>
    public TimeSpan? Lifetime => uint.TryParse(Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out uint milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;
}
