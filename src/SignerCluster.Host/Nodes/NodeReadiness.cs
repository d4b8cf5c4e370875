using SignerCluster.Host.Http;
using SignerCluster.Journal.Documents;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Entities;
using SignerCluster.Trust;

namespace SignerCluster.Host.Nodes;

/// <summary>
/// Says whether a node can do its work, and which dependency keeps it from that: each role's database, cluster and links, and for a coordinator enough seats
/// of every group. Looked for about once a second, however often it is asked.
/// </summary>
internal sealed class NodeReadiness(IReadOnlyList<IRunningRole> roles, CertificateWatch certificates, TimeProvider time) : IReadiness
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _freshness = TimeSpan.FromSeconds(1);

    // No request at all: a seat answers it without a change, and only if its participant runs and its journal can be read.
    private static readonly byte[] _nothing = "[]"u8.ToArray();
    private static readonly SessionId _probe = SessionId.Parse("readyz");
    private volatile Look? _last;

    public async Task<IResult> AskAsync(CancellationToken cancellation)
    {
        Look? last = _last;
        if (last is null || time.GetElapsedTime(last.At) >= _freshness)
        {
            _last = last = new Look(time.GetTimestamp(), Task.Run(LookAsync, CancellationToken.None));
        }

        return await last.Found.WaitAsync(cancellation);
    }

    private async Task<IResult> LookAsync()
    {
        using CancellationTokenSource patience = new(_patience, time);
        List<string> down = [.. certificates.Faults];
        foreach (IRunningRole role in roles)
        {
            if (await role.Storage.Database.FindWriteFaultAsync(patience.Token) is { } unwritable)
            {
                down.Add($"database {role.Storage.Database.Settings.Address} ({unwritable.Code}: {unwritable.Message})");
            }

            if (role.Member.Fault is { } fault)
            {
                down.Add(fault);
            }

            if (role.Links.Count > 0 && role.Links.All(static link => !link.IsUp))
            {
                down.Add($"links ({string.Join("; ", role.Links.Select(static link => $"{link.Address}: {link.FaultWithAdvice}"))})");
            }
        }

        ReachableResponse? reached = null;
        List<string> warnings = [.. certificates.Warnings];
        foreach (CoordinatorRole coordinator in roles.OfType<CoordinatorRole>())
        {
            (reached, IReadOnlyList<string> stuck, IEnumerable<string> silent) = await ReachAsync(coordinator, patience.Token);
            down.AddRange(stuck);
            warnings.AddRange(silent);
        }

        int quarantined = roles.Sum(static role => role.Storage.Quarantine.Entities.Count);
        LinkCountResponse links = new(roles.Sum(static role => role.Links.Count(static link => link.IsUp)), roles.Sum(static role => role.Links.Count));
        ReadinessResponse ready = new("ready", "up", reached, quarantined) { Links = links, Warnings = warnings.Count == 0 ? null : warnings };
        return down.Count == 0 ? TypedResults.Json(ready, HttpJson.Default.ReadinessResponse) : NotReady(down, reached, links, warnings);
    }

    private static Problem NotReady(List<string> down, ReachableResponse? reached, LinkCountResponse links, IReadOnlyList<string> warnings)
    {
        Refusal refusal = Refusal.Recoverable(
            "not_ready",
            $"The node cannot do its work at the moment; down: {string.Join("; ", down)}.",
            ("down", string.Join("; ", down)),
            ("journal", down.Any(static one => one.StartsWith("database", StringComparison.Ordinal)) ? "down" : "up"),
            ("links", links.Up),
            ("warnings", string.Join("; ", warnings)),
            ("reachable", reached?.Reachable ?? 0),
            ("participants", reached?.Total ?? 0));
        return Problem.Of(refusal) with { Status = StatusCodes.Status503ServiceUnavailable, RetryAfterSeconds = 1 };
    }

    /// <summary>How many seats of the active groups answered, which groups have too few, and why seats did not.</summary>
    private static async Task<(ReachableResponse Reached, IReadOnlyList<string> Stuck, IEnumerable<string> Silent)> ReachAsync(
        CoordinatorRole coordinator, CancellationToken cancellation)
    {
        int reachable = 0;
        int total = 0;
        List<string> stuck = [];
        List<string> silent = [];
        foreach (StoredGroup group in coordinator.Groups.Groups.Where(static group => group.Lifecycle == GroupLifecycle.Active))
        {
            string?[] answers = await Task.WhenAll(
                group.Group.Seats.Select(seat => WhySilentAsync(coordinator.Parties, new SeatAddress(group.Id, _probe, seat), cancellation)));
            int answering = answers.Count(static fault => fault is null);
            silent.AddRange(answers.OfType<string>());
            reachable += answering;
            total += answers.Length;
            if (answering < group.Group.Threshold)
            {
                stuck.Add($"participants (group {group.Id}: {answering} of {answers.Length} seats answer, {group.Group.Threshold} are needed)");
            }
        }

        return (new ReachableResponse(reachable, total), stuck, silent.Distinct(StringComparer.Ordinal));
    }

    /// <summary>Null for a seat that answers.</summary>
    private static async Task<string?> WhySilentAsync(IExchange parties, SeatAddress seat, CancellationToken cancellation)
    {
        try
        {
            await parties.AskAsync(EntityAddress.Of(seat), _nothing, cancellation);
            return null;
        }
        catch (ExchangeException fault)
        {
            return $"Seat {seat.Seat} does not answer ({fault.Code}): {fault.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"Seat {seat.Seat} does not answer within {_patience.TotalSeconds} s.";
        }
    }

    private sealed record Look(long At, Task<IResult> Found);
}
