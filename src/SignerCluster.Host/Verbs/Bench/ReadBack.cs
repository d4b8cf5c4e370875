using System.Globalization;
using SignerCluster.Host.Verbs.Demo;
using SignerCluster.Journal;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.RoastCoordinator;

namespace SignerCluster.Host.Verbs.Bench;

/// <summary>Shows that a measurement lost nothing: every session that was signed is completed in the coordinator's journal, and every history of every node reads back.</summary>
internal sealed class ReadBack(RunningCluster running, ClusterSettings settings)
{
    /// <summary>How many histories were read. Throws <see cref="VerificationException"/> for a session that is not there completed, and <see cref="UnreadableHistoryException"/>.</summary>
    internal async Task<long> RunAsync(GroupId group, string prefix, int sessions, CancellationToken cancellation)
    {
        SessionReader reader = new(running.CoordinatorJournal);
        for (int number = 0; number < sessions; number++)
        {
            SessionId session = SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}"));
            SessionView? view = await reader.ReadAsync(new CoordinatorAddress(group, session), cancellation);
            if (view is not { State: "completed" })
            {
                throw new VerificationException($"Session {session} was signed, and its journal says {view?.State ?? "nothing"}.");
            }
        }

        return sessions + await ReadSeatsAsync(cancellation);
    }

    private async Task<long> ReadSeatsAsync(CancellationToken cancellation)
    {
        long histories = 0;
        foreach (NodeStorage node in running.Nodes)
        {
            IJournal journal = settings.JournalOf(node);
            await foreach (EntityId seat in journal.ListAsync(EntityKind.SigningSession, cancellation))
            {
                await journal.ReadAsync(seat, 0, cancellation);
                histories++;
            }
        }

        return histories;
    }
}
