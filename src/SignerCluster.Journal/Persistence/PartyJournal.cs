using System.Collections.Concurrent;
using Akka.Actor.Setup;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Persistence;

/// <summary>
/// One party's journal behind its plugin instances. The store is there from the start, because the key ring is read from it; the sealed journal of all other entities only once
/// the ring's keys are open.
/// </summary>
public sealed class PartyJournal(IJournalStore store, TimeProvider time)
{
    // More are forgotten together: an expectation saves a read, and nothing else depends on it.
    private const int MaximumExpectations = 4096;
    private readonly ConcurrentDictionary<EntityId, byte> _expectedNew = new();
    private IJournal? _entities;

    internal TimeProvider Time => time;

    /// <summary>
    /// Lets the next recovery of an entity read nothing and take it for new. If it is not, its first append conflicts and its first answer without one is refused by the head,
    /// so it is read the time after.
    /// </summary>
    public void ExpectNew(EntityId id)
    {
        if (_expectedNew.Count >= MaximumExpectations)
        {
            _expectedNew.Clear();
        }

        _expectedNew[id] = 0;
    }

    internal bool TakeExpectation(EntityId id) => _expectedNew.TryRemove(id, out _);

    /// <summary>Entities can be read and written from now on.</summary>
    public void Open(IJournal entities) => Volatile.Write(ref _entities, entities);

    /// <summary>The journal of an entity. Throws <see cref="JournalException"/> before its keys are open.</summary>
    internal IJournal Of(EntityId id) => id == EntityAddress.KeyRing
        ? store
        : Volatile.Read(ref _entities) ?? throw new JournalException("keys_not_open", "The journal's keys are not open yet.", isTransient: true);
}

/// <summary>The parties' journals of an actor system, by the name that each plugin's configuration gives.</summary>
public sealed class JournalSetup : Setup
{
    private readonly ConcurrentDictionary<string, PartyJournal> _parties = new(StringComparer.Ordinal);

    /// <summary>From now on the party's plugins work.</summary>
    public void Add(string party, PartyJournal journal) => _parties[party] = journal;

    public PartyJournal Of(string party) => _parties[party];
}
