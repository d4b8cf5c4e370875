using SignerCluster.Host.Http;

namespace SignerCluster.Host.Verbs;

/// <summary>Guardians for people. Times are in UTC; the numbers are in the JSON.</summary>
internal static class GuardianLines
{
    /// <summary>The coordinator's guardian whole, and of the seats' what they have of their own; whole where it is not there.</summary>
    internal static IEnumerable<string> Of(GuardianResponse shown)
    {
        yield return $"group        {shown.Group}";
        GuardianViewResponse? coordinators = shown.Guardians.FirstOrDefault(static guardian => guardian.Seat is null);
        foreach (GuardianViewResponse guardian in shown.Guardians)
        {
            bool isWhole = guardian == coordinators || (coordinators is null && guardian.Seat == shown.Guardians[0].Seat);
            foreach (string line in isWhole ? Whole(guardian) : Own(guardian, coordinators?.Head))
            {
                yield return line;
            }
        }

        foreach (UnreadGuardian unread in shown.Unread ?? [])
        {
            yield return $"not read     the guardian of {(unread.Seat is { } seat ? $"seat {seat}" : "the coordinator")}: {unread.Code}";
        }
    }

    internal static IEnumerable<string> Of(CapacityResponse capacity)
    {
        yield return $"available    {capacity.AvailableSat} sat";
        foreach (WindowLevelResponse window in capacity.Windows)
        {
            yield return Of(window);
        }

        if (capacity.AmountSat is { } amount)
        {
            string when = capacity switch
            {
                { AvailableAt: null } => "never: a window does not hold so much, or is not filled up again",
                _ when amount <= capacity.AvailableSat => "there now",
                _ => $"there from {UnixTime.ToText(capacity.AvailableAt.Value)} on, unless something is withdrawn before",
            };
            yield return $"amount       {amount} sat: {when}";
        }

        if (capacity.Frozen is { } reason)
        {
            yield return $"frozen       {reason}";
        }
    }

    private static IEnumerable<string> Whole(GuardianViewResponse guardian)
    {
        yield return guardian.Seat is { } seat ? $"guardian     of seat {seat}" : "guardian     of the coordinator";
        if (guardian.Rules is not { } rules)
        {
            yield return "rules        none: the group has no guardian, and signs plain sessions";
        }
        else
        {
            foreach (string line in guardian.Windows!.Select(Of).Concat(Times(rules)).Concat(Announced(guardian)))
            {
                yield return line;
            }
        }

        foreach (string line in Own(guardian, known: null))
        {
            yield return line;
        }
    }

    /// <summary>Where its chain ends, and what its party has said.</summary>
    /// <param name="known">The head that was shown already.</param>
    private static IEnumerable<string> Own(GuardianViewResponse guardian, string? known)
    {
        string whose = guardian.Seat is { } seat ? $"seat {seat,-8}" : "chain        ";
        yield return guardian.Head == known
            ? $"{whose}has folded the same"
            : $"{whose}{guardian.Records} records, {guardian.Withdrawals} of them withdrawals; head {guardian.Head}";
        foreach ((int number, long folded) in (guardian.Seats ?? []).Index())
        {
            if (folded != guardian.Records)
            {
                yield return folded < 0
                    ? $"behind       seat {number}: not known how far it is"
                    : $"behind       seat {number} has folded {folded} of {guardian.Records} records";
            }
        }

        if (guardian.Frozen is { } frozen)
        {
            yield return $"frozen       {frozen}";
        }

        if (guardian.Stopped is { } stopped)
        {
            yield return $"stopped      {stopped}";
        }
    }

    private static IEnumerable<string> Times(GuardianRulesDocument rules)
    {
        yield return $"timestamps   at most {rules.MaximumAgeSeconds} s old and {rules.MaximumSkewSeconds} s ahead";
        yield return $"loosening    holds {rules.LooseningDelaySeconds} s after it is announced";
    }

    private static IEnumerable<string> Announced(GuardianViewResponse guardian)
    {
        if (guardian.Announced is not { } announced)
        {
            yield break;
        }

        yield return $"announced    from {UnixTime.ToText(guardian.AnnouncedFrom ?? 0)} on:";
        foreach (string line in announced.Windows.Select(static window => $"window {window.Name,-6}{window.CapacitySat} sat, {window.RefillSatPerSecond} sat/s")
            .Concat(Times(announced)))
        {
            yield return $"  {line}";
        }
    }

    private static string Of(WindowLevelResponse window) =>
        $"window {window.Name,-6}{window.AvailableSat} of {window.CapacitySat} sat, and {window.RefillSatPerSecond} sat/s more";
}
