using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust;

/// <summary>
/// Signs requests for the party that hosts the entity, and believes only that party's signed answer to that very request. Whatever lies underneath may lose,
/// repeat, exchange or invent messages: it can make an answer fail to arrive, and nothing else. Tampering is <see
/// cref="ExchangeException.ReplyUntrustedCode"/>, which may succeed when tried again. What the party itself could not do is thrown with the code that its own
/// engine gave.
/// </summary>
public sealed class OutgoingTrust : IExchange
{
    private readonly Func<EntityId, IRoute> _routeTo;
    private readonly Correspondent _self;
    private readonly Func<EntityId, PartyName?> _hostOf;
    private readonly UntrustedTally _tally;

    /// <param name="routeTo">A way to some node of the party that hosts an entity. Throws <see cref="ExchangeException"/> when there is none.</param>
    /// <param name="hostOf">The party whose nodes host an entity; null when nobody does.</param>
    public OutgoingTrust(Func<EntityId, IRoute> routeTo, Correspondent self, Func<EntityId, PartyName?> hostOf, UntrustedTally tally)
    {
        _routeTo = routeTo;
        _self = self;
        _hostOf = hostOf;
        _tally = tally;
    }

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        PartyName host = _hostOf(to) ?? throw new ExchangeException("unroutable", $"No party of the cluster hosts {to}.", isTransient: true);
        (MessageId id, ReadOnlyMemory<byte> reply) = await AskAsync(host, to, request, cancellation);
        if (!_self.TryOpen(reply, out PartyMessage answer, out Untrusted untrusted)
            || Judge(answer, id, host, to) is { } reason && Note(answer, reason, out untrusted))
        {
            _tally.Note(untrusted);
            throw new ExchangeException(
                ExchangeException.ReplyUntrustedCode,
                $"What came back for {to} is not {host}'s answer to this request ({untrusted.Reason}).",
                isTransient: true);
        }

        return answer.Kind == MessageKind.Reply ? answer.Payload : throw Fault(answer, host, to);
    }

    /// <summary>The request's id, and whatever came back for it.</summary>
    private async ValueTask<(MessageId Id, ReadOnlyMemory<byte> Reply)> AskAsync(
        PartyName host, EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        _self.Begin();
        try
        {
            IRoute route = _routeTo(to);
            (MessageId id, byte[] bytes) = await _self.SealRequestAsync(host, route.Node, to, request);
            return (id, await route.AskAsync(bytes, cancellation));
        }
        finally
        {
            _self.End();
        }
    }

    private static UntrustedReason? Judge(in PartyMessage answer, MessageId id, PartyName host, EntityId to) =>
        answer.Kind == MessageKind.Request ? UntrustedReason.OtherKind
        : answer.Sender.Name != host ? UntrustedReason.OtherParty
        : answer.Request != id ? UntrustedReason.OtherRequest
        : !answer.IsAbout(to) ? UntrustedReason.OtherEntity
        : answer.Kind == MessageKind.Fault && !FaultPayload.TryRead(answer.Payload.Span, out _, out _) ? UntrustedReason.Malformed
        : null;

    private static bool Note(in PartyMessage answer, UntrustedReason reason, out Untrusted untrusted)
    {
        untrusted = new(reason, answer.Sender.Name);
        return true;
    }

    private static ExchangeException Fault(in PartyMessage answer, PartyName host, EntityId to) =>
        FaultPayload.TryRead(answer.Payload.Span, out string? code, out bool isTransient)
            ? new ExchangeException(code, $"{host} could not answer for {to} ({code}).", isTransient)
            : throw new System.Diagnostics.UnreachableException();
}
