using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.RabbitMq;

/// <summary>
/// Gives requests of others to the local engine, in the order in which they came, and its answers back. At most so many at once; what nobody waits for any more
/// is not handled: the broker drops it before it is delivered, this afterwards.
/// </summary>
/// <param name="answer">Sends an answer; false when it cannot.</param>
internal sealed partial class Handling(
    RabbitMqSettings settings,
    IEngine local,
    Busy busy,
    TimeProvider time,
    Func<Outgoing, ValueTask<bool>> answer,
    Microsoft.Extensions.Logging.ILogger<Handling> log) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(settings.MaximumHandling);
    private readonly string _replies = BrokerNames.Replies(settings.Party);

    /// <summary>Waits for room for each request, hands it over and does not wait for its answer.</summary>
    public async ValueTask TakeAsync(Delivery delivery, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> rest = delivery.Letters;
        bool isGood = !rest.IsEmpty && BrokerNames.IsNode(delivery.ReplyTo);
        while (isGood && Parcel.TryTake(ref rest, out Letter letter))
        {
            if (letter.Kind != LetterKind.Ask || letter.Body.Length > settings.MaximumMessageBytes || !EntityId.TryParse(letter.Entity, out EntityId to))
            {
                isGood = false;
                break;
            }

            await _slots.WaitAsync(cancellation);
            if (time.GetElapsedTime(delivery.Arrived) >= (delivery.Lifetime ?? settings.AnswerTimeout))
            {
                _slots.Release();
                LogTooLate(delivery.Exchange);
                return;
            }

            busy.Enter();
            // The engine's order is the order of these calls, so nothing is awaited between a letter and its call.
            _ = HandleAsync(to, letter.Body, delivery.ReplyTo!, letter.Correlation);
        }

        if (!isGood || !rest.IsEmpty)
            LogNoRequest(delivery.Exchange, delivery.Body.Length);
    }

    public void Dispose() => _slots.Dispose();

    private async Task HandleAsync(EntityId to, ReadOnlyMemory<byte> request, string asker, ulong correlation)
    {
        try
        {
            if (await AskAsync(to, request) is var (kind, body)
                && !await answer(new Outgoing(_replies, asker, new Letter(kind, correlation, string.Empty, body), Ask: null)))
                LogUnanswered(to, asker);
        }
        finally
        {
            _slots.Release();
            busy.Exit();
        }
    }

    /// <summary>The kind and body of the answer; null for none.</summary>
    private async ValueTask<(LetterKind Kind, ReadOnlyMemory<byte> Body)?> AskAsync(EntityId to, ReadOnlyMemory<byte> request)
    {
        try
        {
            ReadOnlyMemory<byte> reply = await local.AskAsync(to, request, CancellationToken.None);
            return reply.Length <= settings.MaximumMessageBytes
                ? (LetterKind.Reply, reply)
                : Fault(new EngineException(
                    "reply_too_large", $"The reply of {to} has {reply.Length} bytes; {settings.MaximumMessageBytes} may be sent.", isTransient: false));
        }
        catch (EngineException untrusted) when (untrusted.Code == EngineException.UntrustedCode)
        {
            // Whoever sent it proved nothing, so nothing is told, not even that somebody is here.
            LogUntrusted(to, untrusted.Message);
            return null;
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

    private static (LetterKind Kind, ReadOnlyMemory<byte> Body) Fault(EngineException fault) => (LetterKind.Fault, FaultMessage.Encode(fault));
}
