using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SignerCluster.RabbitMq;

/// <summary>
/// Opens links: connects, makes this node's queues, checks what the administrator made. The client's own recovery is off, because it restores
/// queues and consumers at a time of its own, while everything that waits has to end first.
/// </summary>
internal sealed class BrokerSetup(RabbitMqSettings settings, BrokerRoutes routes, TimeProvider time)
{
    /// <summary>The binding key on a consistent-hash exchange: every node of a party has the same share.</summary>
    public const string Weight = "1";

    // Such an exchange refuses a binding key that is no number; an exchange of any other type, or without its plugin, takes it.
    private const string NoWeight = "is-this-a-consistent-hash-exchange";
    private static readonly TimeSpan _lockPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Connects with a user whose rights suffice for nothing but this. Throws what the client throws.</summary>
    /// <param name="take">Takes requests; null when nothing is handled here.</param>
    /// <param name="takeReply">Takes replies to the asks of a link.</param>
    public async Task<BrokerLink> OpenAsync(
        Func<Delivery, CancellationToken, ValueTask>? take, Func<BrokerLink, Delivery, ValueTask> takeReply, bool checksPlugin, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(settings.ConnectTimeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        IConnection? connection = null;
        BrokerLink? opening = null;
        try
        {
            connection = await ConnectAsync(limit.Token);
            if (checksPlugin && take is not null && !await SharesByHashAsync(connection, limit.Token))
                throw BrokerFaults.PluginMissing(settings);
            IChannel setup = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            await MakeQueuesAsync(setup, take is not null, limit.Token);
            IChannel publishing = await connection.CreateChannelAsync(cancellationToken: limit.Token);
            (opening, connection) = (new BrokerLink(settings, time, connection, setup, publishing), null);
            await ReadAsync(opening, setup, take, takeReply, limit.Token);
            (BrokerLink link, opening) = (opening, null);
            return link;
        }
        catch (OperationCanceledException silence) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"nothing came back within {settings.ConnectTimeout.TotalSeconds} s.", silence);
        }
        finally
        {
            if (opening is not null)
                await opening.DisposeAsync();
            await AbortAsync(connection);
        }
    }

    /// <summary>As <see cref="OpenAsync"/>, but waits for a while for the end of another process of this node's name.</summary>
    public async Task<BrokerLink> OpenPatientlyAsync(
        Func<Delivery, CancellationToken, ValueTask>? take, Func<BrokerLink, Delivery, ValueTask> takeReply, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await OpenAsync(take, takeReply, checksPlugin: true, cancellation);
            }
            catch (OperationInterruptedException locked) when (BrokerFaults.IsLocked(locked) && time.GetElapsedTime(start) < settings.NodeNamePatience)
            {
                await Task.Delay(_lockPause, time, cancellation);
            }
        }
    }

    private static async Task AbortAsync(IConnection? connection)
    {
        if (connection is null)
            return;
        try
        {
            await connection.CloseAsync(200, "the node gives up", TimeSpan.FromSeconds(1), abort: true, CancellationToken.None);
            await connection.DisposeAsync();
        }
        catch (Exception fault) when (BrokerFaults.IsOfBroker(fault))
        {
            // What failed before is what the caller is told.
        }
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellation)
    {
        using var mechanism = new PlainMechanism(settings.User, settings.Password);
        var factory = new ConnectionFactory
        {
            HostName = settings.Host,
            Port = settings.Port,
            VirtualHost = settings.VirtualHost,
            UserName = settings.User,
            Password = string.Empty,
            AuthMechanisms = [mechanism],
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = settings.Heartbeat,
            RequestedConnectionTimeout = settings.ConnectTimeout,
            HandshakeContinuationTimeout = settings.ConnectTimeout,
            ContinuationTimeout = settings.ConnectTimeout,
            ClientProvidedName = $"{settings.Party}/{settings.Node}",
        };
        if (settings.Tls is { } tls)
            factory.Ssl = tls.ToOption();
        return await factory.CreateConnectionAsync(cancellation);
    }

    private async Task MakeQueuesAsync(IChannel setup, bool handles, CancellationToken cancellation)
    {
        string replies = BrokerNames.ReplyQueue(settings.Party, settings.Node);
        await DeclareAsync(setup, replies, cancellation);
        foreach (string party in routes.AskedParties)
        {
            await setup.ExchangeDeclarePassiveAsync(BrokerNames.Requests(party), cancellation);
            await setup.QueueBindAsync(replies, BrokerNames.Replies(party), settings.Node, arguments: null, noWait: false, cancellation);
        }

        if (handles)
        {
            await setup.ExchangeDeclarePassiveAsync(BrokerNames.Replies(settings.Party), cancellation);
            await DeclareAsync(setup, BrokerNames.RequestQueue(settings.Party, settings.Node), cancellation);
        }
    }

    private Task<QueueDeclareOk> DeclareAsync(IChannel setup, string queue, CancellationToken cancellation)
    {
        var limits = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-max-length"] = settings.QueueLimit, ["x-overflow"] = "reject-publish" };
        return setup.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, limits, passive: false, noWait: false, cancellation);
    }

    /// <summary>Bound last: requests come to this node only when it can take them and answer.</summary>
    private async Task ReadAsync(
        BrokerLink link,
        IChannel setup,
        Func<Delivery, CancellationToken, ValueTask>? take,
        Func<BrokerLink, Delivery, ValueTask> takeReply,
        CancellationToken cancellation)
    {
        await link.ReadRepliesAsync((delivery, _) => takeReply(link, delivery), cancellation);
        if (take is null)
            return;
        await link.ReadRequestsAsync(take, cancellation);
        await setup.QueueBindAsync(
            BrokerNames.RequestQueue(settings.Party, settings.Node),
            BrokerNames.Requests(settings.Party),
            Weight,
            arguments: null,
            noWait: false,
            cancellation);
    }

    private async Task<bool> SharesByHashAsync(IConnection connection, CancellationToken cancellation)
    {
        IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellation);
        string queue = BrokerNames.ReplyQueue(settings.Party, settings.Node);
        await DeclareAsync(channel, queue, cancellation);
        try
        {
            await channel.QueueBindAsync(queue, BrokerNames.Requests(settings.Party), NoWeight, arguments: null, noWait: false, cancellation);
            return false;
        }
        catch (OperationInterruptedException refused) when (BrokerFaults.IsRefusedArgument(refused))
        {
            return true;
        }
    }
}
