using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>
/// The one writer of a connection: letters leave in the order in which they were queued, those for one place that wait at the same moment as one message. Asks
/// are mandatory, so the broker sends back at once what it can route nowhere. No confirms: the reply is the confirmation of an ask, and a lost reply costs one
/// more ask.
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
        _askProperties = new BasicProperties { DeliveryMode = DeliveryModes.Transient, Expiration = lifetime, ReplyTo = settings.Node, Type = Parcel.Type };
        _replyProperties = new BasicProperties { DeliveryMode = DeliveryModes.Transient, Expiration = lifetime, Type = Parcel.Type };
        _channel.BasicReturnAsync += TakeBackAsync;
        _loop = PublishAsync();
    }

    /// <summary>Queues a request in its turn; false when the queue is full or closed.</summary>
    public bool TryQueue(in Outgoing letter) => _queue.Writer.TryWrite(letter);

    /// <summary>Queues a reply, waiting for room; false when the connection is gone.</summary>
    public async ValueTask<bool> QueueAsync(Outgoing letter)
    {
        try
        {
            await _queue.Writer.WriteAsync(letter, CancellationToken.None);
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
            Departure departure = new();
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                // Behind what the process has begun already, which may bring more letters for the same places.
                await Task.Yield();
                Gather(departure);
                foreach (Departure.Load load in departure.Loads)
                    await PublishAsync(load);
                departure.Clear();
            }
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            // First, so that whoever finds the queue closed finds out why.
            _lost(fault.Message);
            _queue.Writer.TryComplete();
        }
    }

    private void Gather(Departure departure)
    {
        while (!departure.IsFull && _queue.Reader.TryRead(out Outgoing outgoing))
        {
            // Some were cancelled or timed out while they waited for their turn.
            if (outgoing.Ask is not { Task.IsCompleted: true })
                departure.Add(outgoing);
        }
    }

    private ValueTask PublishAsync(Departure.Load load) => _channel.BasicPublishAsync(
        load.Exchange,
        load.RoutingKey,
        mandatory: load.IsOfAsks,
        load.IsOfAsks ? _askProperties : _replyProperties,
        load.Parcel.ToBytes(),
        CancellationToken.None);

    private Task TakeBackAsync(object sender, BasicReturnEventArgs returned)
    {
        ReadOnlyMemory<byte> rest = returned.Body;
        while (Parcel.TryTake(ref rest, out Letter letter))
        {
            if (_waiting.TryFind(letter.Correlation, out PendingAsk? ask))
                ask.Fail(new EngineException("unroutable", $"No running node of {ask.Party} takes requests: {returned.ReplyText}.", isTransient: true));
        }

        return Task.CompletedTask;
    }
}
