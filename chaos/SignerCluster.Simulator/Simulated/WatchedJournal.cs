using SignerCluster.Journal;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Simulator.Checkers;

namespace SignerCluster.Simulator.Simulated;

/// <summary>
/// The journal as a node's entities have it, before anything is sealed. Shows the disk what each sealed append says, because the checkers judge events
/// and the disk only sees envelopes.
/// </summary>
internal sealed class WatchedJournal(IJournal journal, World world, Node node) : IJournal
{
    public ValueTask<AppendOutcome> AppendAsync(JournalAppend append)
    {
        if (TurnWatch.Current is { } turn)
        {
            turn.HasWritten = true;
        }

        world.Checks.AppendAsked(node, append);
        node.Owner.Disk.Expect(append);
        return journal.AppendAsync(append);
    }

    public ValueTask<IReadOnlyList<JournalRow>> ReadAsync(EntityId id, long afterSequenceNumber, CancellationToken cancellation)
    {
        TurnWatch.Current?.Load(world.Now);
        return journal.ReadAsync(id, afterSequenceNumber, cancellation);
    }

    public ValueTask<long> ReadVersionAsync(EntityId id, CancellationToken cancellation) => journal.ReadVersionAsync(id, cancellation);

    public IAsyncEnumerable<OpenEntity> ListOpenAsync(string kind, CancellationToken cancellation) => journal.ListOpenAsync(kind, cancellation);

    public IAsyncEnumerable<EntityId> ListAsync(string kind, CancellationToken cancellation) => journal.ListAsync(kind, cancellation);
}
