using SignerCluster.Protocol;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Runtime;

/// <summary>Asks the entity of a key ring, which has a mailbox of its own because it must be there before any other entity can be read.</summary>
internal sealed class RingClient : IAsyncDisposable
{
    private readonly Mailboxes _mailboxes;

    internal RingClient(IJournalStore store, Quarantine quarantine, TimeProvider time, Action<IThreadPoolWorkItem>? schedule)
    {
        _mailboxes = new Mailboxes(
            new MailboxSettings { CapacityPerEntity = 4096 },
            time,
            new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [KeyRingEntity.Kind] = _ => new KeyRingEntity(store, quarantine, time) },
            schedule);
    }

    public ValueTask DisposeAsync() => _mailboxes.DisposeAsync();

    /// <summary>
    /// The ring as it is after the command, or why not. Throws <see cref="JournalException"/> when the ring could not be read or written, or is unreadable.
    /// Whoever asks waits to the end: a command that was sent is carried out.
    /// </summary>
    internal async ValueTask<(KeyRingState? Ring, Refusal? Refusal)> AskAsync(KeyRingCommand command)
    {
        ReadOnlyMemory<byte> reply;
        try
        {
            reply = await _mailboxes.AskAsync(KeyRingEntity.Id, Message.Encode(command, WireJson.Default.KeyRingCommand), CancellationToken.None);
        }
        catch (EngineException fault)
        {
            throw new JournalException("key_ring_unavailable", $"The key ring does not answer: {fault.Message}", fault.IsTransient, fault);
        }

        if (!Message.TryDecode(reply.Span, WireJson.Default.KeyRingAnswer, out KeyRingAnswer? answer, out Refusal? malformed))
        {
            throw new InvalidOperationException($"A key ring answered something that is not an answer: {malformed}");
        }

        return answer switch
        {
            KeyRingAnswer.Granted granted => (granted.Ring, null),
            KeyRingAnswer.Refused { Refusal.Code: Quarantine.Code } refused => throw new JournalException("key_ring_unreadable", refused.Refusal.Message, isTransient: false),
            KeyRingAnswer.Refused refused => (null, refused.Refusal),
            KeyRingAnswer.Failed failed => throw new JournalException(failed.Code, "The journal failed while the key ring was asked.", failed.IsTransient),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    internal async ValueTask<KeyRingState> ShowAsync() =>
        (await AskAsync(new KeyRingCommand.Show())).Ring ?? throw new System.Diagnostics.UnreachableException("A ring never refuses to be shown.");
}
