using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SignerCluster.Runtime;

namespace SignerCluster.RabbitMq;

/// <summary>
/// The one writer of a connection: messages leave in the order in which they were queued. Requests are mandatory, so the broker sends back at
/// once what it can route nowhere. No confirms: the reply is the confirmation of a request, and a lost reply costs one more ask.
/// </summary>
internal sealed class Publisher
{
    // Measured: a confirm tracked by the client costs 15 µs of CPU a message, half of all that a whole ask costs, and tells less than its reply.
    private readonly IChannel _channel;
    private readonly PendingAsks _waiting;
    private readonly Action<string> _lost;
    private readonly Channel<Outgoing> _queue;
    private readonly BasicProperties _askProperties;
    private readonly BasicProperties _replyProperties;
    private readonly Task _loop;

    public Publisher(IChannel channel, RabbitMqSettings settings, PendingAsks waiting, Action<string> lost)
    {
        _channel = channel;
        _waiting = waiting;
        _lost = lost;
        _queue = Channel.CreateBounded<Outgoing>(new BoundedChannelOptions(settings.MaximumInFlight + settings.MaximumHandling) { SingleReader = true });
        string lifetime = $"{(long)settings.AnswerTimeout.TotalMilliseconds}";
        _askProperties = new BasicProperties { DeliveryMode = DeliveryModes.Transient, Expiration = lifetime, ReplyTo = settings.Node, Type = MessageType.Ask };
        _replyProperties = new BasicProperties { DeliveryMode = DeliveryModes.Transient, Expiration = lifetime };
        _channel.BasicReturnAsync += TakeBackAsync;
        _loop = PublishAsync();
    }

    /// <summary>Queues a request in its turn; false when the queue is full or closed.</summary>
    public bool TryQueue(Outgoing message) => _queue.Writer.TryWrite(message);

    /// <summary>Queues a reply, waiting for room; false when the connection is gone.</summary>
    public async ValueTask<bool> QueueAsync(Outgoing message)
    {
        try
        {
            await _queue.Writer.WriteAsync(message, CancellationToken.None);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>Takes nothing more; completes when what was queued has been handed to the connection.</summary>
    public Task CompleteAsync()
    {
        _queue.Writer.TryComplete();
        return _loop.WaitAsync(CancellationToken.None);
    }

    private async Task PublishAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (_queue.Reader.TryRead(out Outgoing message))
                    await PublishAsync(message);
            }
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            // First, so that whoever finds the queue closed finds out why.
            _lost(fault.Message);
            _queue.Writer.TryComplete();
        }
    }

    private ValueTask PublishAsync(Outgoing message)
    {
        // Cancelled or timed out while it waited for its turn.
        if (message.Ask is { Task.IsCompleted: true })
            return ValueTask.CompletedTask;
        bool isAsk = message.Ask is not null;
        BasicProperties properties = isAsk ? _askProperties : _replyProperties;
        properties.CorrelationId = message.Correlation;
        properties.Type = message.Type;
        return _channel.BasicPublishAsync(message.Exchange, message.RoutingKey, mandatory: isAsk, properties, message.Body, CancellationToken.None);
    }

    private Task TakeBackAsync(object sender, BasicReturnEventArgs returned)
    {
        if (_waiting.TryFind(returned.BasicProperties.CorrelationId, out PendingAsk? ask))
            ask.Fail(new EngineException("unroutable", $"No running node of {ask.Party} takes requests: {returned.ReplyText}.", isTransient: true));
        return Task.CompletedTask;
    }
}
