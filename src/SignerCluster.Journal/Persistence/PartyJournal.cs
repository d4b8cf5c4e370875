using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Journal.Persistence;

/// <summary>
/// One party's journal behind its plugin instances. The store is there from the start, because the key ring is read from it; the sealed journal of all other
/// entities only once the ring's keys are open.
/// </summary>
public sealed class PartyJournal(IJournalStore store, TimeProvider time)
{
    // After so many all are forgotten: an expectation saves a read, and nothing else depends on it.
    private const int MaximumExpectations = 4096;
    private readonly ConcurrentDictionary<EntityId, Expectation> _expectations = new();
    private IJournal? _entities;
    private uint _noted;

    private enum Expectation
    {
        New,
        HasRows,
    }

    internal TimeProvider Time => time;

    /// <summary>
    /// Told before an entity gets a message. <paramref name="new"/> lets the next recovery read nothing and take the entity for new. If it is not, its first
    /// append conflicts and its first answer without one is refused by the head; the recovery after that reads, whatever is expected meanwhile. Any other
    /// message takes the expectation back.
    /// </summary>
    public void Expect(EntityId id, bool @new)
    {
        if (!@new)
        {
            _expectations.TryRemove(new(id, Expectation.New));
            return;
        }

        MakeRoom();
        _expectations.TryAdd(id, Expectation.New);
    }

    /// <summary>The entity was found to have rows, so its next recovery reads.</summary>
    internal void FoundRows(EntityId id)
    {
        MakeRoom();
        _expectations[id] = Expectation.HasRows;
    }

    internal bool TakeExpectation(EntityId id) => _expectations.TryRemove(id, out Expectation expectation) && expectation == Expectation.New;

    /// <summary>Entities can be read and written from now on.</summary>
    public void Open(IJournal entities) => Volatile.Write(ref _entities, entities);

    /// <summary>The journal of an entity. Throws <see cref="JournalException"/> before its keys are open.</summary>
    internal IJournal Of(EntityId id) => id == EntityAddress.KeyRing
        ? store
        : Volatile.Read(ref _entities) ?? throw new JournalException("keys_not_open", "The journal's keys are not open yet.", isTransient: true);

    private void MakeRoom()
    {
        if (Interlocked.Increment(ref _noted) % MaximumExpectations == 0)
        {
            _expectations.Clear();
        }
    }
}

/// <summary>The parties' journals of an actor system, by the name that each plugin's configuration gives.</summary>
public sealed class JournalSetup : Setup
{
    private readonly ConcurrentDictionary<string, PartyJournal> _parties = new(StringComparer.Ordinal);

    /// <summary>From now on the party's plugins work.</summary>
    public void Add(string party, PartyJournal journal) => _parties[party] = journal;

    public PartyJournal Of(string party) => _parties[party];

    /// <summary>The journal of the party that a plugin's configuration names.</summary>
    internal static PartyJournal PartyOf(ActorSystem system, Config config)
    {
        string party = config.GetString("party");
        return system.Settings.Setup.Get<JournalSetup>().Value?.Of(party)
            ?? throw new InvalidOperationException($"The actor system was not given the journal of {party}.");
    }
}
