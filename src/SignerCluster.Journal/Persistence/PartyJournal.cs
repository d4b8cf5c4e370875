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
    private IJournal? _entities;

    internal TimeProvider Time => time;

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
