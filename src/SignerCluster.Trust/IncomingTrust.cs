using SignerCluster.Protocol.Entities;

namespace SignerCluster.Trust;

/// <summary>
/// Opens the requests that a transport delivers, and asks the local engine only what a party may ask: a participant's seats and their guardians
/// answer the coordinators of its roster, a coordinator's sessions answer its own nodes. Each request is acted on at most once by the party: by the node that it is for, which remembers it.
/// The answer is signed for the asker and bound to its request; a fault of the local engine is signed too. A request that cannot be trusted throws <see
/// cref="ExchangeException.UntrustedCode"/>: the transport must not answer it at all, since whoever sent it need not learn anything.
/// </summary>
public sealed class IncomingTrust : IExchange
{
    private readonly IExchange _local;
    private readonly Correspondent _self;
    private readonly Func<PartyName, EntityId, bool> _mayAsk;
    private readonly ReplayWindow _window;
    private readonly UntrustedTally _tally;

    /// <param name="mayAsk">Narrows what the roles allow, such as to the entities that this party hosts.</param>
    public IncomingTrust(IExchange local, Correspondent self, Func<PartyName, EntityId, bool> mayAsk, ReplayWindow window, UntrustedTally tally)
    {
        _local = local;
        _self = self;
        _mayAsk = mayAsk;
        _window = window;
        _tally = tally;
    }

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(EntityId to, ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (!_self.TryOpen(request, out PartyMessage message, out Untrusted untrusted))
        {
            throw Refuse(untrusted);
        }

        return await AnswerAsync(message, to, cancellation);
    }

    private async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(PartyMessage message, EntityId to, CancellationToken cancellation)
    {
        if (Judge(message, to) is { } reason)
        {
            throw Refuse(new(reason, message.Sender.Name));
        }

        _self.Begin();
        try
        {
            Admit(message);
            ReadOnlyMemory<byte> reply = await _local.AskAsync(to, message.Payload, cancellation);
            return await _self.SealAnswerAsync(MessageKind.Reply, message, to, reply);
        }
        catch (ExchangeException fault) when (fault.Code != ExchangeException.UntrustedCode)
        {
            return await _self.SealAnswerAsync(MessageKind.Fault, message, to, FaultPayload.Write(fault));
        }
        finally
        {
            _self.End();
        }
    }

    /// <summary>As <see cref="AskAsync"/>, for a transport that does not say which entity is asked: the request itself does.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        if (!_self.TryOpen(request, out PartyMessage message, out Untrusted untrusted))
        {
            throw Refuse(untrusted);
        }

        return EntityId.TryParse(System.Text.Encoding.ASCII.GetString(message.EntityText.Span), out EntityId to)
            ? await AnswerAsync(message, to, cancellation)
            : throw Refuse(new(UntrustedReason.Malformed, message.Sender.Name));
    }

    private UntrustedReason? Judge(in PartyMessage message, EntityId to) =>
        message.Kind != MessageKind.Request ? UntrustedReason.OtherKind
        : !message.Id.IsFor(_self.Node) ? UntrustedReason.OtherNode
        : !message.IsAbout(to) ? UntrustedReason.OtherEntity
        : !IsPermitted(message.Sender, to) ? UntrustedReason.NotPermitted
        : null;

    private bool IsPermitted(RosterParty sender, EntityId to) => to.Kind switch
    {
        EntityKind.SigningSession or EntityKind.Guardian => _self.Self.Role == PartyRole.Participant && sender.Role == PartyRole.Coordinator,
        EntityKind.RoastCoordinator => _self.Self.Role == PartyRole.Coordinator && sender.Name == _self.Self.Name,
        _ => false,
    } && _mayAsk(sender.Name, to);

    /// <summary>What is true but cannot be taken now is answered, so that the asker does not wait in vain and asks again under a new id.</summary>
    private void Admit(in PartyMessage message)
    {
        switch (_window.Admit(message.Id, message.Expiry))
        {
            case Admission.Taken:
                return;
            case Admission.Full:
                throw new ExchangeException("overloaded", "More requests are remembered than the replay window holds.", isTransient: true);
            case Admission.SignedTooEarly:
                throw new ExchangeException("signed_too_early", "The request is older than what this process remembers.", isTransient: true);
            case Admission.Seen:
                throw Refuse(new(UntrustedReason.Replayed, message.Sender.Name));
            case Admission.OutOfTime:
                throw Refuse(new(UntrustedReason.OutOfTime, message.Sender.Name));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private ExchangeException Refuse(in Untrusted untrusted)
    {
        _tally.Note(untrusted);
        return new ExchangeException(ExchangeException.UntrustedCode, $"The request is not trusted: {untrusted.Reason}.", isTransient: false);
    }
}
