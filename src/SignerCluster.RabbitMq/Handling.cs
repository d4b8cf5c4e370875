using SignerCluster.Runtime;

namespace SignerCluster.RabbitMq;

/// <summary>Gives requests of others to the local engine, in the order in which they came, and its answers back. At most so many at once.</summary>
/// <param name="answer">Sends an answer; false when it cannot.</param>
internal sealed partial class Handling(RabbitMqSettings settings, IEngine local, Busy busy, Func<Outgoing, ValueTask<bool>> answer, Microsoft.Extensions.Logging.ILogger<Handling> log) : IDisposable
{
    private const int MaximumCorrelationLength = 64;
    private readonly SemaphoreSlim _slots = new(settings.MaximumHandling);
    private readonly string _replies = BrokerNames.Replies(settings.Party);

    /// <summary>Waits for room, hands the request over and does not wait for its answer.</summary>
    public async ValueTask TakeAsync(Delivery delivery, CancellationToken cancellation)
    {
        if (delivery is not { Type: MessageType.Ask, Correlation: { Length: > 0 and <= MaximumCorrelationLength } correlation, ReplyTo: { } asker }
            || !BrokerNames.IsNode(asker) || delivery.Body.Length > settings.MaximumMessageBytes || !EntityId.TryParse(delivery.RoutingKey, out EntityId to))
        {
            LogNoRequest(delivery.Exchange, delivery.Body.Length);
            return;
        }

        await _slots.WaitAsync(cancellation);
        busy.Enter();
        // The engine's order is the order of these calls, so nothing is awaited between a delivery and its call.
        _ = HandleAsync(to, delivery.Body.ToArray(), asker, correlation);
    }

    public void Dispose() => _slots.Dispose();

    private async Task HandleAsync(EntityId to, byte[] request, string asker, string correlation)
    {
        try
        {
            Outgoing message = await AskAsync(to, request) is var (type, body) && type.Length > 0
                ? new Outgoing(type, _replies, asker, correlation, body, Ask: null)
                : default;
            if (message.Type is not null && !await answer(message))
                LogUnanswered(to, asker);
        }
        finally
        {
            _slots.Release();
            busy.Exit();
        }
    }

    /// <summary>The type and body of the answer; an empty type for none.</summary>
    private async ValueTask<(string Type, ReadOnlyMemory<byte> Body)> AskAsync(EntityId to, byte[] request)
    {
        try
        {
            ReadOnlyMemory<byte> reply = await local.AskAsync(to, request, CancellationToken.None);
            return reply.Length <= settings.MaximumMessageBytes
                ? (MessageType.Reply, reply)
                : Fault(new EngineException("reply_too_large", $"The reply of {to} has {reply.Length} bytes; {settings.MaximumMessageBytes} may be sent.", isTransient: false));
        }
        catch (EngineException untrusted) when (untrusted.Code == EngineException.UntrustedCode)
        {
            // Whoever sent it proved nothing, so nothing is told, not even that somebody is here.
            LogUntrusted(to, untrusted.Message);
            return (string.Empty, default);
        }
        catch (EngineException fault)
        {
            return Fault(fault);
        }
        catch (Exception defect)
        {
            LogDefect(defect, to);
            return Fault(new EngineException("entity_failed", $"{to} failed while handling a request.", isTransient: true));
        }
    }

    private static (string Type, ReadOnlyMemory<byte> Body) Fault(EngineException fault) => (MessageType.Fault, FaultMessage.Encode(fault));
}
