using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace SignerCluster.RabbitMq;

/// <summary>
/// One connection to the broker with the node's queues, from its opening to its loss. What waits for a reply on it ends with it; the engine
/// opens the next one. The queues are exclusive, so the broker deletes them with the connection and gives their share to other nodes.
/// </summary>
internal sealed class BrokerLink : IAsyncDisposable
{
    private static readonly TimeSpan _closePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _drainPause = TimeSpan.FromMilliseconds(5);
    private readonly RabbitMqSettings _settings;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IConnection _connection;
    private readonly IChannel _setup;
    private readonly List<Consumer> _consumers = [];
    private Consumer? _requests;
    private volatile string? _blocked;
    private volatile string? _lostReason;
    private int _isClosed;

    public BrokerLink(RabbitMqSettings settings, TimeProvider time, IConnection connection, IChannel setup, IChannel publishing)
    {
        _settings = settings;
        _time = time;
        _connection = connection;
        _setup = setup;
        Waiting = new PendingAsks(settings.MaximumInFlight, time);
        Publisher = new Publisher(publishing, settings, Waiting, Lose);
        connection.ConnectionShutdownAsync += ShutDownAsync;
        publishing.ChannelShutdownAsync += ShutDownAsync;
        setup.ChannelShutdownAsync += ShutDownAsync;
        connection.ConnectionBlockedAsync += BlockedAsync;
        connection.ConnectionUnblockedAsync += UnblockedAsync;
    }

    public PendingAsks Waiting { get; }

    public Publisher Publisher { get; }

    /// <summary>Is the connection, or anything on it that the node cannot do without, gone?</summary>
    public bool IsLost => _lostReason is not null;

    /// <summary>Why nothing can be published now; null when it can.</summary>
    public string? Fault => _lostReason ?? _blocked;

    /// <summary>Reads the node's queue of requests.</summary>
    public async Task ReadRequestsAsync(Func<Delivery, CancellationToken, ValueTask> take, CancellationToken cancellation) =>
        _requests = await ReadAsync(BrokerNames.RequestQueue(_settings.Party, _settings.Node), take, cancellation);

    /// <summary>Reads the node's queue of replies.</summary>
    public Task ReadRepliesAsync(Func<Delivery, CancellationToken, ValueTask> take, CancellationToken cancellation) =>
        ReadAsync(BrokerNames.ReplyQueue(_settings.Party, _settings.Node), take, cancellation);

    /// <summary>
    /// Leaves the party's share of requests to its other nodes: no new ones come to this node's queue, and what is in it already is still
    /// taken. Returns when nothing more will come.
    /// </summary>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        if (_requests is not { } requests)
            return;
        string queue = BrokerNames.RequestQueue(_settings.Party, _settings.Node);
        await _setup.QueueUnbindAsync(queue, BrokerNames.Requests(_settings.Party), BrokerSetup.Weight, arguments: null, cancellation);
        while ((await _setup.QueueDeclarePassiveAsync(queue, cancellation)).MessageCount > 0)
            await Task.Delay(_drainPause, _time, cancellation);
        await requests.Channel.BasicCancelAsync(queue, noWait: false, cancellation);
        await requests.WaitForCancelAsync(cancellation);
    }

    /// <summary>Acknowledges what the consumers have taken.</summary>
    public async Task AcknowledgeAsync()
    {
        try
        {
            foreach (Consumer consumer in _consumers)
                await consumer.AcknowledgeAsync();
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            Lose(fault.Message);
        }
    }

    /// <summary>Ends the link for this reason; whoever waits for a reply is told by the engine. Only the first reason counts.</summary>
    public void Lose(string reason)
    {
        Interlocked.CompareExchange(ref _lostReason, reason, null);
        _lost.TrySetResult();
    }

    /// <summary>Returns when the link is lost; at once when it is.</summary>
    public Task WaitForLossAsync() => _lost.Task.WaitAsync(CancellationToken.None);

    /// <summary>Sends what is queued, if the connection still can, and closes it. Never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        try
        {
            await Publisher.CompleteAsync().WaitAsync(_closePatience, _time);
        }
        catch (TimeoutException)
        {
            // The broker takes nothing; closing the connection ends the publisher.
        }

        try
        {
            await _connection.CloseAsync(200, "the node closes", _closePatience, abort: true, CancellationToken.None).WaitAsync(2 * _closePatience, _time);
            await _connection.DisposeAsync();
            _consumers.ForEach(static consumer => consumer.Dispose());
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            // It is gone in any case, and with it everything that the broker kept for it.
        }
    }

    private async Task<Consumer> ReadAsync(string queue, Func<Delivery, CancellationToken, ValueTask> take, CancellationToken cancellation)
    {
        // One dispatcher, so that messages are taken in the order in which they came.
        IChannel channel = await _connection.CreateChannelAsync(new CreateChannelOptions(false, false, null, consumerDispatchConcurrency: 1), cancellation);
        await channel.BasicQosAsync(0, (ushort)_settings.Prefetch, global: false, cancellation);
        var consumer = new Consumer(channel, _settings.Prefetch, _time, take, Lose);
        _consumers.Add(consumer);
        await channel.BasicConsumeAsync(queue, autoAck: false, consumerTag: queue, noLocal: false, exclusive: true, arguments: null, consumer, cancellation);
        return consumer;
    }

    private Task ShutDownAsync(object sender, ShutdownEventArgs reason)
    {
        Lose(BrokerFaults.Reason(reason));
        return Task.CompletedTask;
    }

    private Task BlockedAsync(object sender, ConnectionBlockedEventArgs blocked)
    {
        _blocked = $"the broker takes no messages now: {blocked.Reason}";
        return Task.CompletedTask;
    }

    private Task UnblockedAsync(object sender, AsyncEventArgs unblocked)
    {
        _blocked = null;
        return Task.CompletedTask;
    }
}
