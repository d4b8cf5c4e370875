using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace SignerCluster.RabbitMq;

/// <summary>
/// Reads one queue of this node: messages are taken one by one, in the order in which the broker delivers them, and wait here for their turn, a window of them
/// at most.
/// </summary>
internal sealed class Consumer : IAsyncBasicConsumer, IDisposable
{
    private readonly TimeProvider _time;
    private readonly Func<Delivery, CancellationToken, ValueTask> _take;
    private readonly Action<string> _lost;
    private readonly DeliveryWindow _window;
    private readonly Channel<Arrival> _arrived;
    private readonly Task _reading;

    /// <param name="take">Takes a message; the next one waits for that. Cancelled with the channel.</param>
    /// <param name="lost">Called when nothing more will be taken.</param>
    public Consumer(IChannel channel, int prefetch, TimeProvider time, Func<Delivery, CancellationToken, ValueTask> take, Action<string> lost)
    {
        Channel = channel;
        _time = time;
        _take = take;
        _lost = lost;
        _window = new DeliveryWindow(channel, prefetch);
        // The broker sends no more than the window before it is told that some were taken, so there is always room. A message that need not wait is taken where
        // it arrives.
        _arrived = System.Threading.Channels.Channel.CreateBounded<Arrival>(
            new BoundedChannelOptions(prefetch) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });
        _reading = ReadAsync();
    }

    public IChannel Channel { get; }

    /// <summary>Returns when the broker sends no more and everything that it sent has been taken.</summary>
    public Task WaitForCancelAsync(CancellationToken cancellation) => _reading.WaitAsync(cancellation);

    public async Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default)
    {
        // The library uses the memory of the body again when this returns.
        Delivery delivery = new(exchange, properties.Type, properties.ReplyTo, properties.Expiration, body.ToArray(), _time.GetTimestamp());
        try
        {
            await _arrived.Writer.WriteAsync(new Arrival(delivery, deliveryTag, cancellationToken), cancellationToken);
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            _lost(fault.Message);
        }
    }

    public Task AcknowledgeAsync() => _window.AcknowledgeAsync();

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _arrived.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _lost("the broker removed a queue of this node");
        return Task.CompletedTask;
    }

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        _lost(BrokerFaults.Reason(reason));
        _arrived.Writer.TryComplete();
        return Task.CompletedTask;
    }

    public void Dispose() => _window.Dispose();

    private async Task ReadAsync()
    {
        try
        {
            while (await _arrived.Reader.WaitToReadAsync())
            {
                while (_arrived.Reader.TryRead(out Arrival arrival))
                {
                    await _take(arrival.Delivery, arrival.Cancellation);
                    await _window.SeenAsync(arrival.Tag);
                }
            }
        }
        catch (Exception fault)
        {
            // Whatever it is, a node that takes nothing any more must not look as if it did: with the link it begins anew.
            _lost(fault.Message);
        }
    }

    private readonly record struct Arrival(Delivery Delivery, ulong Tag, CancellationToken Cancellation);
}
