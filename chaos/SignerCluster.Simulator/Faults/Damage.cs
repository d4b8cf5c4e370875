using SignerCluster.Journal;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Reporting;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>
/// What bad disks and bad hands do to stored rows: flip a bit, cut a message short, remove a row, rename an event, exchange two rows. After a while the
/// operator puts the rows back from a backup.
/// </summary>
internal sealed class Damage(World world)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(30);
    private readonly Choices _choices = Choices.For(world.Seed, "damage");
    private readonly Dictionary<(Operator Owner, EntityId Id), Wound> _wounds = [];

    /// <summary>The time since which an entity is damaged; null while it is whole.</summary>
    internal DateTimeOffset? Since(Operator owner, EntityId id) => _wounds.TryGetValue((owner, id), out Wound? wound) ? wound.Since : null;

    /// <summary>Was the entity damaged at this time or at any later one?</summary>
    internal bool WasDamaged(Operator owner, EntityId id, DateTimeOffset since) =>
        _wounds.ContainsKey((owner, id)) || (owner.Healed.TryGetValue(id, out DateTimeOffset healed) && healed >= since);

    /// <summary>Does the damage show in the store? A re-sealing that had read a row before it was damaged may have replaced it since.</summary>
    internal bool IsStillThere(Operator owner, EntityId id)
    {
        JournalRow[] rows = owner.Disk.Rows(id);
        return _wounds.TryGetValue((owner, id), out Wound? wound)
            && Array.Exists(wound.Changes, change => change.After is not { } after || !WasReplaced(after, rows) || after.Manifest != change.Before.Manifest);
    }

    internal void AfterStep()
    {
        for (FaultKind kind = FaultKind.RowFlipped; kind <= FaultKind.RowsSwapped; kind++)
        {
            if (world.Faults.Wants(kind))
            {
                Inflict(kind);
            }
        }
    }

    internal void HealAll()
    {
        foreach ((Operator owner, EntityId id) in _wounds.Keys.ToArray())
        {
            Heal(owner, id);
        }
    }

    /// <summary>
    /// Rows that were removed or moved are put back before the key they were sealed under can go: a re-sealing walks the rows once and cannot know of one that
    /// comes back behind it, and a backup that is older than its key opens no more.
    /// </summary>
    internal void HealMoved(Operator owner)
    {
        foreach ((Operator of, EntityId id) in _wounds.Where(wound => wound.Key.Owner == owner && HasMoved(wound.Value.Kind))
            .Select(static wound => wound.Key).ToArray())
        {
            Heal(of, id);
        }
    }

    private void Inflict(FaultKind kind)
    {
        Operator owner = _choices.PerMille(400) ? world.Coordination : _choices.Pick(world.Operators);
        if (owner.Ledger.Entities.Count == 0)
        {
            return;
        }

        EntityId id = owner.Ledger.Entities[Math.Max(_choices.Below(owner.Ledger.Entities.Count), _choices.Below(owner.Ledger.Entities.Count))];
        JournalRow[] rows = owner.Disk.Rows(id);
        if (_wounds.ContainsKey((owner, id)) || Choose(kind, rows, owner) is not { } change)
        {
            return;
        }

        world.Faults.Count(kind);
        world.Trace.Note(owner.Name, "disk damages", id, kind);
        _wounds.Add((owner, id), new Wound(kind, world.Now, change));
        owner.Disk.Journal.Damage(id, row => Array.Find(change, one => one.Before.SequenceNumber == row.SequenceNumber) is { } one ? one.After : row);
        world.Scheduler.PostIn(_choices.Between(_shortest, _longest), world.Outside, () => Heal(owner, id));
        if (_choices.PerMille(600))
        {
            // Memory still has the truth; a damage shows when it is gone.
            world.Crashes.Consider(FaultKind.CrashToSeeDamage, _choices.Pick(owner.Nodes));
        }
    }

    private Change[]? Choose(FaultKind kind, JournalRow[] rows, Operator owner)
    {
        JournalRow row = _choices.Pick(rows);
        switch (kind)
        {
            case FaultKind.RowFlipped:
                byte[] flipped = row.Message.ToArray();
                flipped[_choices.Below(flipped.Length)] ^= (byte)(1 << _choices.Below(8));
                return [new Change(row, row with { Message = flipped })];
            case FaultKind.RowTruncated:
                return [new Change(row, row with { Message = row.Message[.._choices.Below(row.Message.Length)].ToArray() })];
            case FaultKind.RowRenamed:
                return [new Change(row, row with { Manifest = _choices.Pick(Coverage.EventNames.Where(name => name != row.Manifest).ToArray()) })];
            case FaultKind.RowDeleted:
                return row.KeyEpoch == owner.Ledger.ActiveEpoch ? [new Change(row, null)] : null;
            default:
                JournalRow[] others =
                    [.. rows.Where(other => other.SequenceNumber != row.SequenceNumber && other.Manifest == row.Manifest && other.KeyEpoch == row.KeyEpoch)];
                if (others.Length == 0 || row.KeyEpoch != owner.Ledger.ActiveEpoch)
                {
                    return null;
                }

                JournalRow other = _choices.Pick(others);
                return [new Change(row, Moved(other, row)), new Change(other, Moved(row, other))];
        }
    }

    private static bool HasMoved(FaultKind kind) => kind is FaultKind.RowDeleted or FaultKind.RowsSwapped;

    private static JournalRow Moved(JournalRow what, JournalRow where) => where with { Message = what.Message, KeyEpoch = what.KeyEpoch };

    private void Heal(Operator owner, EntityId id)
    {
        if (!_wounds.Remove((owner, id), out Wound? wound))
        {
            return;
        }

        JournalRow[] rows = owner.Disk.Rows(id);
        owner.Healed[id] = world.Now;
        owner.Disk.Journal.Restore(id, [.. wound.Changes.Select(change => Restored(change, rows))]);
        world.Trace.Note(owner.Name, "restores", id);
    }

    /// <summary>What a re-sealing replaced since is good, but for its manifest, and its old key may be gone.</summary>
    private static JournalRow Restored(Change change, JournalRow[] rows) => change.After is { } after && WasReplaced(after, rows)
        ? Array.Find(rows, row => row.SequenceNumber == after.SequenceNumber) with { Manifest = change.Before.Manifest }
        : change.Before;

    private static bool WasReplaced(JournalRow after, JournalRow[] rows) =>
        !Array.Find(rows, row => row.SequenceNumber == after.SequenceNumber).Message.Span.SequenceEqual(after.Message.Span);

    private sealed record Change(JournalRow Before, JournalRow? After);

    private sealed record Wound(FaultKind Kind, DateTimeOffset Since, Change[] Changes);
}
