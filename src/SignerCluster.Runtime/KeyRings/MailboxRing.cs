using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Journal.Keys;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.KeyRing;
using SignerCluster.Protocol.Wire;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Runtime.KeyRings;

/// <summary>The entity of a key ring in a mailbox of its own, because it must be there before any other entity can be read.</summary>
public sealed class MailboxRing : IKeyRing, IAsyncDisposable
{
    private readonly Mailboxes _mailboxes;

    /// <param name="schedule">Where the ring's reader runs; null for the thread pool.</param>
    public MailboxRing(IJournalStore store, Quarantine quarantine, TimeProvider time, Action<IThreadPoolWorkItem>? schedule = null)
    {
        _mailboxes = new Mailboxes(
            new MailboxSettings { CapacityPerEntity = 4096 },
            time,
            new Dictionary<string, Func<EntityId, IEntity>>(StringComparer.Ordinal) { [EntityKind.KeyRing] = _ => new KeyRingEntity(store, quarantine, time) },
            schedule);
    }

    public ValueTask DisposeAsync() => _mailboxes.DisposeAsync();

    public async ValueTask<KeyRingAnswer> AskAsync(KeyRingCommand command)
    {
        ReadOnlyMemory<byte> reply;
        try
        {
            reply = await _mailboxes.AskAsync(EntityAddress.KeyRing, Message.Encode(command, WireJson.Default.KeyRingCommand), CancellationToken.None);
        }
        catch (EngineException fault)
        {
            throw new JournalException("key_ring_unavailable", $"The key ring does not answer: {fault.Message}", fault.IsTransient, fault);
        }

        return Message.TryDecode(reply.Span, WireJson.Default.KeyRingAnswer, out KeyRingAnswer? answer, out Refusal? malformed)
            ? answer
            : throw new InvalidOperationException($"A key ring answered something that is not an answer: {malformed}");
    }
}
