using SignerCluster.Frost;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.Entities;
using SignerCluster.Runtime.Embedded;
using SignerCluster.Runtime.Engine;

namespace SignerCluster.Host.Http;

/// <summary>Says whether an embedded cluster can sign.</summary>
internal sealed class EmbeddedReadiness(EmbeddedCluster cluster, IJournal journal, IReadOnlyList<KeptJournal> journals, TimeProvider time) : IReadiness
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    // No request at all: a seat answers it without a change, and only if its participant runs and its journal can be read.
    private static readonly byte[] _nothing = "[]"u8.ToArray();
    private static readonly SessionId _probe = SessionId.Parse("readyz");

    /// <summary>Ready when the journal can be read and every active group has its threshold of seats that answer.</summary>
    public async Task<IResult> AskAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = new(_patience, time);
        using CancellationTokenSource probing = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        Task<bool> reading = CanReadJournalAsync(probing.Token);
        SeatSet seats = Seats();
        (SeatId Seat, bool Answers)[] probed = await Task.WhenAll(seats.Select(async seat => (seat, await AnswersAsync(seat, probing.Token))));
        SeatSet reachable = SeatSet.Of([.. probed.Where(static seat => seat.Answers).Select(static seat => seat.Seat)]);
        bool isJournalUp = await reading;
        StoredGroup[] stuck = [.. ActiveGroups().Where(group => group.Group.Seats.Intersect(reachable).Count < group.Group.Threshold)];
        return isJournalUp && stuck.Length == 0
            ? TypedResults.Json(
                new ReadinessResponse("ready", "up", new ReachableResponse(reachable.Count, seats.Count), journals.Sum(static kept => kept.Quarantine.Entities.Count)),
                HttpJson.Default.ReadinessResponse)
            : NotReady(isJournalUp, reachable.Count, seats.Count, stuck);
    }

    private static Problem NotReady(bool isJournalUp, int reachable, int total, StoredGroup[] stuck)
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
            ("needed", stuck.Select(static group => group.Group.Threshold).DefaultIfEmpty(0).Max()))) with
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            RetryAfterSeconds = 1,
        };
    }

    private IEnumerable<StoredGroup> ActiveGroups() => cluster.Groups.Groups.Where(static group => group.Lifecycle == GroupLifecycle.Active);

    /// <summary>Every group gives seat i to participant i, so the largest group names all participants.</summary>
    private SeatSet Seats() => SeatSet.All(cluster.Groups.Groups.Select(static group => group.Group.Participants).DefaultIfEmpty(0).Max());

    private async Task<bool> CanReadJournalAsync(CancellationToken cancellation)
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

    private async Task<bool> AnswersAsync(SeatId seat, CancellationToken cancellation)
    {
        StoredGroup holder = cluster.Groups.Groups.First(group => seat.Value < group.Group.Participants);
        try
        {
            await cluster.Engine.AskAsync(EntityAddress.Of(new SeatAddress(holder.Id, _probe, seat)), _nothing, cancellation);
            return true;
        }
        catch (Exception fault) when (fault is EngineException or OperationCanceledException)
        {
            return false;
        }
    }
}
