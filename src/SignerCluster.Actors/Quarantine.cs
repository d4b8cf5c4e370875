using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Actors;

/// <summary>
/// The entities that this process found unreadable. Being listed does nothing: the history itself is asked again at every request, so restoring
/// the row heals it at once. What a journal holds that was not met yet is found by <c>journal verify</c>.
/// </summary>
public sealed partial class Quarantine(ILogger<Quarantine> log)
{
    private readonly ConcurrentDictionary<EntityId, UnreadableHistoryException> _entities = new();

    /// <summary>What is wrong, by entity.</summary>
    public IReadOnlyCollection<UnreadableHistoryException> Entities =>
        [.. _entities.Values.OrderBy(static found => found.Id.ToString(), StringComparer.Ordinal)];

    /// <summary>The answer to every command of the entity.</summary>
    public Refusal Admit(UnreadableHistoryException found)
    {
        if (_entities.TryAdd(found.Id, found))
        {
            LogQuarantined(found.Id, found.SequenceNumber, found.Reason);
        }

        Refusal refusal = found.ToRefusal();
        RefusalMeter.Add(refusal);
        return refusal;
    }

    /// <summary>The entity was read, and has so many rows. One without any may have been taken for new and not been read.</summary>
    public void Release(EntityId id, long rows)
    {
        if (rows > 0 && !_entities.IsEmpty && _entities.TryRemove(id, out _))
        {
            LogHealed(id);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Entity} is in quarantine: row {Row} is unreadable ({Reason}). Everything else goes on. Run: signer journal verify")]
    private partial void LogQuarantined(EntityId entity, long row, string reason);

    [LoggerMessage(LogLevel.Information, "{Entity} is readable again")]
    private partial void LogHealed(EntityId entity);
}
