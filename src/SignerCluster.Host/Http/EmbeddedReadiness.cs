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
    private static readonly JournalException _silent = new(
        "storage_unavailable", "A journal has not answered for seconds whether it can be written. Look at the disk.", isTransient: true);

    private readonly WriteFaults _writeFaults = new(journals, time);

    /// <summary>
    /// Ready when the journal can be read and written and every active group has its threshold of seats whose participant runs and can do so with its own.
    /// </summary>
    public async Task<IResult> AskAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = new(_patience, time);
        using CancellationTokenSource probing = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        Task<bool> reading = CanReadAsync(journal, probing.Token);
        Func<string, JournalException?> writeFault = await FindWriteFaultsAsync(probing.Token);
        (EmbeddedParticipant Participant, bool Answers)[] probed =
            await Task.WhenAll(cluster.Participants.Select(
                async participant => (
                    participant,
                    participant.Regions is not null
                        && writeFault(participant.Name) is null
                        && await CanReadAsync(participant.Journal, probing.Token))));
        JournalException? unwritable = writeFault(journals[0].Name);
        bool isJournalUp = await reading && unwritable is null;
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
            : NotReady(
                isJournalUp, answering.Length, seats, stuck, journals.Select(kept => writeFault(kept.Name)).FirstOrDefault(static fault => fault is not null));
    }

    private Problem NotReady(bool isJournalUp, int reachable, int total, StoredGroup[] stuck, JournalException? unwritable)
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

        string why = unwritable is null ? string.Empty : $" {unwritable.Code}: {unwritable.Message}";
        return Problem.Of(Refusal.Recoverable(
            "not_ready",
            $"The cluster cannot sign at the moment; down: {string.Join(", ", down)}.{why}",
            ("down", string.Join(',', down)),
            ("journal", isJournalUp ? "up" : "down"),
            ("reachable", reachable),
            ("participants", total),
            ("needed", stuck.Select(static group => group.Group.Threshold).DefaultIfEmpty(0).Max()),
            ("fault", unwritable?.Code ?? string.Empty),
            ("damaged", string.Join("; ", Damage() ?? [])))) with
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            RetryAfterSeconds = 1,
        };
    }

    /// <summary>By the name of the journal. The coordinator's is the first.</summary>
    private async Task<Func<string, JournalException?>> FindWriteFaultsAsync(CancellationToken cancellation)
    {
        try
        {
            IReadOnlyDictionary<string, JournalException> faults = await _writeFaults.AskAsync(cancellation);
            return name => faults.GetValueOrDefault(name);
        }
        catch (OperationCanceledException)
        {
            return static _ => _silent;
        }
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
