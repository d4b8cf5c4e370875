using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Reports;

/// <summary>Makes the checks of a run from what the auditor found and what the journals say. Pure.</summary>
internal static class Verdicts
{
    private const int ShownFindings = 5;

    /// <summary>One check for each invariant; where the scenario plants a fault, the check is that the auditor reports it.</summary>
    internal static IEnumerable<Check> OfInvariants(IReadOnlyList<Finding> findings, IReadOnlyList<string> planted)
    {
        foreach ((string id, string demand) in Auditor.Invariants)
        {
            Finding[] broken = [.. findings.Where(finding => finding.Invariant == id)];
            string told =
                string.Join("; ", broken.Take(ShownFindings)) + (broken.Length > ShownFindings ? $"; and {broken.Length - ShownFindings} more" : string.Empty);
            if (planted.Contains(id, StringComparer.Ordinal))
            {
                yield return new Check(
                    $"{id} planted", broken.Length > 0, broken.Length > 0 ? $"the planted fault is reported: {told}" : "the planted fault is not reported");
            }
            else if (planted.Count == 0 || broken.Length == 0)
            {
                yield return new Check(id, broken.Length == 0, broken.Length == 0 ? demand : $"{broken.Length} findings: {told}");
            }
        }
    }

    /// <summary>What the scenario expects of the sessions of this run, as the coordinator recorded them.</summary>
    internal static IEnumerable<Check> OfExpectations(
        Expectations expect, IReadOnlyList<SessionTimes> sessions, IReadOnlyDictionary<string, int> epochs, DateTimeOffset? firstKill)
    {
        if (firstKill is { } kill && (expect.OpenAtKill > 0 || expect.RecoveryWithin is not null))
        {
            SessionTimes[] open = [.. sessions.Where(session => session.Requested < kill && (session.Completed ?? DateTimeOffset.MaxValue) > kill)];
            if (expect.OpenAtKill > 0)
            {
                yield return new Check(
                    "open at the kill",
                    open.Length >= expect.OpenAtKill,
                    $"{open.Length} sessions were open at the first kill; at least {expect.OpenAtKill} are wanted");
            }

            if (expect.RecoveryWithin is { } within)
            {
                TimeSpan? slowest = Slowest(open, kill);
                yield return new Check(
                    "recovery",
                    slowest is { } took && took <= within,
                    slowest is { } time
                        ? $"the slowest of {open.Length} completed {time.TotalMilliseconds:0} ms after the kill; at most {within.TotalMilliseconds:0}"
                        : "not every one that was open has completed");
            }
        }
        else if (expect.OpenAtKill > 0 || expect.RecoveryWithin is not null)
        {
            yield return new Check("recovery", false, "nothing was killed");
        }

        if (expect.KeyEpochs > 0)
        {
            string told = string.Join(", ", epochs.Select(static party => $"{party.Key} {party.Value}"));
            yield return new Check(
                "key epochs", epochs.Values.All(count => count >= expect.KeyEpochs), $"activated: {told}; at least {expect.KeyEpochs} each are wanted");
        }

        if (expect.Takeovers > 0)
        {
            int taken = sessions.Count(static session => session.Writers > 1);
            yield return new Check(
                "takeovers", taken >= expect.Takeovers, $"{taken} sessions were written by more than one activation; at least {expect.Takeovers} are wanted");
        }
    }

    /// <summary>What the scenario expects of its clients, and of nodes among each other.</summary>
    internal static IEnumerable<Check> OfClients(Expectations expect, TimeSpan slowest, int errors, IReadOnlyDictionary<string, int> takenForDead)
    {
        if (expect.SlowestWithin is { } within)
        {
            yield return new Check(
                "slowest", slowest <= within, $"no client waited longer than {slowest.TotalMilliseconds:0} ms; at most {within.TotalMilliseconds:0}");
        }

        if (expect.Errors is { } most)
        {
            yield return new Check("errors", errors <= most, $"clients were refused or left without an answer {errors} times; at most {most}");
        }

        if (expect.TakenForDead is { } wanted)
        {
            string told = takenForDead.Count == 0 ? "none" : string.Join(", ", takenForDead.Select(static node => $"{node.Key} {node.Value}"));
            yield return new Check("taken for dead", takenForDead.Values.Sum() == wanted, $"{told}; {wanted} is wanted");
        }
    }

    /// <summary>How long after the kill the last of the sessions completed; null when one of them never did.</summary>
    internal static TimeSpan? Slowest(IReadOnlyList<SessionTimes> open, DateTimeOffset kill) =>
        open.Any(static session => session.Completed is null)
            ? null
            : open.Select(session => session.Completed!.Value - kill).DefaultIfEmpty(TimeSpan.Zero).Max();
}

/// <summary>When a session was requested and completed, as its coordinator recorded it, and how many activations wrote it.</summary>
internal sealed record SessionTimes(string Session, DateTimeOffset Requested, DateTimeOffset? Completed, int Writers)
{
    /// <summary>The sessions of coordinators' journals whose ids begin so.</summary>
    internal static IReadOnlyList<SessionTimes> Of(IReadOnlyList<PartyJournal> journals, string prefix) =>
    [
        .. journals.SelectMany(static journal => journal.Rows)
            .Where(static row => row.Unreadable is null && row.Entity.StartsWith("roast/", StringComparison.Ordinal))
            .GroupBy(static row => EntityName.Parse(row.Entity).Session, StringComparer.Ordinal)
            .Where(group => group.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(static group => new SessionTimes(
                group.Key,
                group.Min(static row => row.Created),
                group.FirstOrDefault(static row => row.Manifest == JournalRow.Completed)?.Created,
                group.Select(static row => row.Writer).Distinct(StringComparer.Ordinal).Count())),
    ];
}
