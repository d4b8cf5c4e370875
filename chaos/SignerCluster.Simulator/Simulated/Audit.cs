using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Reporting;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// After everything: every row of every store is read through the keys of a node that runs, and says what it said when it was committed (K1, D7).
/// </summary>
internal sealed class Audit(World world)
{
    private int _pending;

    internal bool IsDone => _pending == 0;

    internal void Begin()
    {
        foreach (Operator owner in world.Operators.Append(world.Coordination))
        {
            if (owner.Nodes.Find(static node => node is { IsUp: true, Keys: not null }) is { } node)
            {
                _pending++;
                world.Spawn(node.Life, () => ReadAsync(owner, node.Keys!.Journal));
            }
        }
    }

    private async Task ReadAsync(Operator owner, IJournal journal)
    {
        // A copy: sessions that clients gave up may still be told of it, for the first time, while this reads.
        foreach (EntityId id in (EntityId[])[.. owner.Ledger.Entities])
        {
            try
            {
                long written = owner.Ledger.VersionOf(id);
                IReadOnlyList<JournalRow> rows = await journal.ReadAsync(id, 0, CancellationToken.None);
                world.Findings.Demand(
                    owner.Ledger.Says(id, written, rows), "D7", () => $"The history of {Wording.Of(id)} at {owner.Name} is not what was committed.");
            }
            catch (UnreadableHistoryException unreadable)
            {
                world.Findings.Report("K1", $"After everything was restored {Wording.Of(id)} at {owner.Name} does not open: {unreadable.Message}");
            }
        }

        _pending--;
    }
}
