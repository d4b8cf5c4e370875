using System.Collections;
using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using SignerCluster.Chaos.Cluster;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>
/// A hostile broker: with the administrator's rights it records everything that it carries (RabbitMQ's own tracing) and delivers it again, as it was or
/// altered.
/// </summary>
internal sealed class Replayer(Deployment deployment) : IDisposable
{
    private const string VirtualHost = "signer";
    private const string TraceExchange = "amq.rabbitmq.trace";
    private const int Capacity = 20_000;

    // Where a message says which ask its first letter is, or answers.
    private static readonly Range _correlation = 1..9;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly ConcurrentQueue<Recorded> _recorded = new();
    private IConnection? _connection;
    private volatile bool _isReplaying;

    /// <summary>Begins to record. Throws <see cref="CannotRunException"/>.</summary>
    internal async Task<Func<Task>?> RecordAsync()
    {
        RabbitServer server = deployment.Document.Servers.Rabbitmq;
        Ended traced = await Commands.RunAsync(server.Tool, ["trace_on", "-p", VirtualHost], null, _patience, CancellationToken.None);
        if (traced.ExitCode != 0)
        {
            throw new CannotRunException($"The broker cannot be traced: {traced.Error}{traced.Out}");
        }

        ConnectionFactory factory = new()
        {
            HostName = server.Host,
            Port = server.Port,
            UserName = server.Administrator,
            Password = (await File.ReadAllTextAsync(server.PasswordFile)).Trim(),
            VirtualHost = VirtualHost,
        };
        try
        {
            _connection = await factory.CreateConnectionAsync();
            IChannel channel = await _connection.CreateChannelAsync();
            QueueDeclareOk queue = await channel.QueueDeclareAsync(
                string.Empty, durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?> { ["x-max-length"] = Capacity });
            await channel.QueueBindAsync(queue.QueueName, TraceExchange, "publish.#");
            AsyncEventingBasicConsumer consumer = new(channel);
            consumer.ReceivedAsync += (_, delivery) =>
            {
                Note(delivery);
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        }
        catch (Exception refused) when (refused is RabbitMQ.Client.Exceptions.BrokerUnreachableException
            or RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            throw new CannotRunException($"The broker's administrator cannot record: {refused.Message}", refused);
        }

        return null;
    }

    /// <summary>Delivers everything that was recorded up to now again. Throws <see cref="CannotRunException"/> when there is nothing.</summary>
    /// <param name="alter">Each message is altered: a byte of it, its end, or where it goes.</param>
    internal async Task<Func<Task>?> ReplayAsync(int times, bool alter)
    {
        Recorded[] messages = [.. _recorded];
        if (_connection is null || messages.Length == 0)
        {
            throw new CannotRunException("Nothing was recorded that could be delivered again.");
        }

        _isReplaying = true;
        await using IChannel channel = await _connection.CreateChannelAsync();
        for (int round = 0; round < times; round++)
        {
            for (int i = 0; i < messages.Length; i++)
            {
                Recorded message = alter ? Altered(messages, i) : messages[i];
                await channel.BasicPublishAsync(message.Exchange, message.RoutingKey, mandatory: false, message.Properties, message.Body);
            }
        }

        _isReplaying = false;
        return null;
    }

    public void Dispose() => _connection?.Dispose();

    private static Recorded Altered(Recorded[] messages, int index)
    {
        Recorded message = messages[index];
        Recorded other = messages[(index * 7 + 3) % messages.Length];
        byte[] body = message.Body.ToArray();
        switch (index % 4)
        {
            case 0 when body.Length > 0:
                body[index * 31 % body.Length] ^= 0x10;
                return message with { Body = body };
            case 1:
                return message with { Body = body.AsMemory(0, body.Length / 2) };
            case 2:
                return message with { RoutingKey = other.RoutingKey, Exchange = other.Exchange };
            case 3 when body.Length > _correlation.End.Value && other.Body.Length > _correlation.End.Value:
                other.Body[_correlation].CopyTo(body.AsMemory(_correlation));
                return message with { Body = body };
            default:
                return message;
        }
    }

    private void Note(BasicDeliverEventArgs delivery)
    {
        // What is delivered again comes past here once more.
        if (_isReplaying || _recorded.Count >= Capacity || delivery.BasicProperties.Headers is not { } headers)
        {
            return;
        }

        if (Text(headers.TryGetValue("exchange_name", out object? exchange) ? exchange : null) is not { Length: > 0 } name
            || (headers.TryGetValue("routing_keys", out object? keys) ? keys : null) is not IList { Count: > 0 } routing
            || Text(routing[0]) is not { } key)
        {
            return;
        }

        IDictionary<string, object?> properties = headers.TryGetValue("properties", out object? given) && given is IDictionary<string, object?> table
            ? table
            : new Dictionary<string, object?>(StringComparer.Ordinal);
        _recorded.Enqueue(new Recorded(name, key, ToProperties(properties), delivery.Body.ToArray()));
    }

    private static BasicProperties ToProperties(IDictionary<string, object?> table)
    {
        BasicProperties properties = new() { DeliveryMode = DeliveryModes.Transient };
        properties.CorrelationId = Named("correlation_id");
        properties.ReplyTo = Named("reply_to");
        properties.Type = Named("type");
        properties.Expiration = Named("expiration");
        properties.MessageId = Named("message_id");
        properties.ContentType = Named("content_type");
        if (table.TryGetValue("headers", out object? headers) && headers is IDictionary<string, object?> own)
        {
            properties.Headers = own;
        }

        return properties;

        string? Named(string name) => table.TryGetValue(name, out object? value) ? Text(value) : null;
    }

    private static string? Text(object? value) => value switch
    {
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        string text => text,
        _ => null,
    };

    private sealed record Recorded(string Exchange, string RoutingKey, BasicProperties Properties, ReadOnlyMemory<byte> Body);
}
