using System.Collections.Immutable;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Protocol.Guardian;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Audit;

/// <summary>
/// Replays every guardian, and holds each chain against what an earlier audit saw of it (G9). A guardian's history can be the longest of a journal, so its rows
/// are taken as the whole journal is read, and not read again. Says what is wrong to <paramref name="report"/>.
/// </summary>
/// <param name="earlier">Where guardians stood before; each of them must have gone on from there.</param>
internal sealed class GuardianAudit(IJournal journal, IReadOnlyList<GuardianStanding> earlier, Action<AuditFinding> report)
{
    private readonly Dictionary<EntityId, GuardianReplay> _replays = [];
    private readonly List<GuardianStanding> _standings = [];

    /// <summary>Every guardian whose history could be read.</summary>
    internal IReadOnlyList<GuardianStanding> Standings =>
        [.. _standings.OrderBy(static one => one.Guardian.Group.ToString(), StringComparer.Ordinal).ThenBy(static one => one.Guardian.Seat?.Value ?? -1)];

    /// <summary>Takes the next row of a guardian as the journal is read. One under an id that is no guardian's is told where its history is checked.</summary>
    internal async ValueTask TakeAsync(EntityId id, OpenedRow row, CancellationToken cancellation)
    {
        try
        {
            (await ReplayOfAsync(id, cancellation)).Take(row);
        }
        catch (FormatException)
        {
        }
    }

    /// <summary>The replay that takes this guardian's rows. Throws <see cref="FormatException"/> for an id that is no guardian's.</summary>
    private async ValueTask<GuardianReplay> ReplayOfAsync(EntityId id, CancellationToken cancellation)
    {
        if (!_replays.TryGetValue(id, out GuardianReplay? replay))
        {
            GuardianAddress guardian = EntityAddress.ToGuardian(id);
            EntityId checkpoints = EntityAddress.CheckpointsOf(guardian);
            _replays[id] = replay = new GuardianReplay(id, guardian, checkpoints, await PiecesAsync(checkpoints, cancellation), report);
        }

        return replay;
    }

    /// <summary>
    /// Takes the rows that have not been taken yet, and judges the whole. Throws <see cref="UnreadableHistoryException"/> when the history cannot be trusted.
    /// </summary>
    internal async ValueTask CheckAsync(EntityId id, CancellationToken cancellation)
    {
        GuardianReplay replay = await ReplayOfAsync(id, cancellation);
        foreach (JournalRow row in await journal.ReadAsync(id, replay.Version, cancellation))
        {
            replay.Take(row);
        }

        if (replay.Fault is { } unreadable)
        {
            throw unreadable;
        }

        replay.CheckEnd();
        _standings.Add(GuardianStanding.Of(replay.Address, replay.State));
        foreach (GuardianStanding before in earlier.Where(one => one.Guardian == replay.Address))
        {
            Compare(id, before, replay.State.Log);
        }
    }

    /// <summary>
    /// The pieces themselves; what they say is held against their guardian where that one is checked. Throws <see cref="UnreadableHistoryException"/>.
    /// </summary>
    internal async ValueTask CheckPiecesAsync(EntityId checkpoints, EntityId guardian, CancellationToken cancellation)
    {
        ImmutableList<GuardianCheckpoint> pieces = await LoadAsync(checkpoints, cancellation);
        if (pieces.Count > 0 && await journal.ReadVersionAsync(guardian, cancellation) == 0)
        {
            report(new AuditFinding(checkpoints.ToString(), 1, AuditReason.CheckpointInvalid, "It is of a guardian that has no rows."));
        }
    }

    /// <summary>Reports the earlier guardians of which there is nothing any more. After all histories.</summary>
    internal void CheckMissing()
    {
        foreach (GuardianStanding gone in earlier.Where(one => one.Records > 0 && _replays.Values.All(replay => replay.Address != one.Guardian)))
        {
            Compare(EntityAddress.Of(gone.Guardian), gone, MerkleLog.Empty);
        }
    }

    private async ValueTask<IReadOnlyList<GuardianCheckpoint>> PiecesAsync(EntityId checkpoints, CancellationToken cancellation)
    {
        try
        {
            return await LoadAsync(checkpoints, cancellation);
        }
        catch (UnreadableHistoryException)
        {
            // Told where the pieces themselves are checked.
            return [];
        }
    }

    private async ValueTask<ImmutableList<GuardianCheckpoint>> LoadAsync(EntityId checkpoints, CancellationToken cancellation) => (await History.LoadAsync(
        journal, checkpoints, ImmutableList<GuardianCheckpoint>.Empty, static (all, piece) => all.Add(piece), GuardianCodec.Checkpoints, cancellation)).State;

    private void Compare(EntityId id, GuardianStanding before, MerkleLog log)
    {
        if (log.Count < before.Records)
        {
            string message = $"The chain has {log.Count} records; it had {before.Records}. An older copy was put in its place.";
            report(new AuditFinding(id.ToString(), null, AuditReason.GuardianRolledBack, message));
        }
        else if (log.RootAt(before.Records) is var root && root != before.Root)
        {
            string message = $"The first {before.Records} records have the root {root}; they had {before.Root}. The chain was forked.";
            report(new AuditFinding(id.ToString(), null, AuditReason.GuardianDiverged, message));
        }
    }
}
