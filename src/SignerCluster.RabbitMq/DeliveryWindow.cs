using RabbitMQ.Client;

namespace SignerCluster.RabbitMq;

/// <summary>
/// Acknowledges the deliveries of one consumer, many at once. The queues die with the connection, so an acknowledgement saves no message; it
/// only lets the broker send the next ones. It is due when a quarter of the window is used, and now and then for the rest, because the
/// broker closes a channel whose deliveries stay unacknowledged for half an hour.
/// </summary>
internal sealed class DeliveryWindow(IChannel channel, int prefetch) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ulong _batch = (ulong)Math.Max(1, prefetch / 4);
    private ulong _seen;
    private ulong _acknowledged;

    /// <summary>Called by the consumer alone, in the order of delivery.</summary>
    public ValueTask SeenAsync(ulong deliveryTag)
    {
        Volatile.Write(ref _seen, deliveryTag);
        return deliveryTag - Volatile.Read(ref _acknowledged) >= _batch ? new ValueTask(AcknowledgeAsync()) : ValueTask.CompletedTask;
    }

    /// <summary>Acknowledges whatever has been seen.</summary>
    public async Task AcknowledgeAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            ulong tag = Volatile.Read(ref _seen);
            if (tag == _acknowledged)
                return;
            Volatile.Write(ref _acknowledged, tag);
            await channel.BasicAckAsync(tag, multiple: true, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
