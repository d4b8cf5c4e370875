using SignerCluster.Host.Embedded;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;

namespace SignerCluster.Host.Http;

/// <summary>Says whether an embedded cluster can sign, and what of it is missing.</summary>
internal sealed class EmbeddedReadiness(
    EmbeddedCluster cluster, IJournal journal, IReadOnlyList<KeptJournal> journals, IReadOnlyList<DamagedNode> damaged, TimeProvider time) : IReadiness
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>Ready when the journal can be read and every active group has its threshold of seats whose participant runs and can read its journal.</summary>
    public async Task<IResult> AskAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = new(_patience, time);
        using CancellationTokenSource probing = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        Task<bool> reading = CanReadAsync(journal, probing.Token);
        (EmbeddedParticipant Participant, bool Answers)[] probed =
            await Task.WhenAll(cluster.Participants.Select(
                async participant => (participant, participant.Region is not null && await CanReadAsync(participant.Journal, probing.Token))));
        bool isJournalUp = await reading;
        EmbeddedParticipant[] answering = [.. probed.Where(static probe => probe.Answers).Select(static probe => probe.Participant)];
        StoredGroup[] stuck =
            [.. ActiveGroups().Where(group => group.Group.Seats.Count(seat => answering.Any(one => one.Holds(group.Id, seat))) < group.Group.Threshold)];
        int seats = ActiveGroups().Select(static group => group.Group.Participants).DefaultIfEmpty(0).Max();
        return isJournalUp && stuck.Length == 0
            ? TypedResults.Json(
                new ReadinessResponse(
                    "ready", "up", new ReachableResponse(answering.Length, seats), journals.Sum(static kept => kept.Quarantine.Entities.Count))
                {
                    Damaged = Damage(),
                },
                HttpJson.Default.ReadinessResponse)
            : NotReady(isJournalUp, answering.Length, seats, stuck);
    }

    private Problem NotReady(bool isJournalUp, int reachable, int total, StoredGroup[] stuck)
    {
        List<string> down = [];
        if (!isJournalUp)
        {
            down.Add("journal");
        }

        if (stuck.Length > 0)
        {
            down.Add("participants");
        }

        return Problem.Of(Refusal.Recoverable(
            "not_ready",
            $"The cluster cannot sign at the moment; down: {string.Join(", ", down)}.",
            ("down", string.Join(',', down)),
            ("journal", isJournalUp ? "up" : "down"),
            ("reachable", reachable),
            ("participants", total),
            ("needed", stuck.Select(static group => group.Group.Threshold).DefaultIfEmpty(0).Max()),
            ("damaged", string.Join("; ", Damage() ?? [])))) with
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            RetryAfterSeconds = 1,
        };
    }

    private string[]? Damage() => damaged.Count == 0 ? null : [.. damaged.Select(static node => $"{node.Name}: {node.Fault.Message}")];

    private IEnumerable<StoredGroup> ActiveGroups() => cluster.Groups.Groups.Where(static group => group.Lifecycle == GroupLifecycle.Active);

    private static async Task<bool> CanReadAsync(IJournal journal, CancellationToken cancellation)
    {
        try
        {
            await using IAsyncEnumerator<OpenEntity> open = journal.ListOpenAsync(EntityKind.RoastCoordinator, cancellation).GetAsyncEnumerator(cancellation);
            _ = await open.MoveNextAsync();
            return true;
        }
        catch (Exception fault) when (fault is JournalException or OperationCanceledException)
        {
            return false;
        }
    }
}
