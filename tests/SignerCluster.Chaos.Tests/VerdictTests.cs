using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Reports;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.Tests;

public sealed class VerdictTests
{
    private static readonly DateTimeOffset _kill = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly Expectations _nothing = new(new HashSet<int>(), [], PlantDuplicate: false, PlantDebit: false, 0, null, 0, ClocksAgree: true, 0, null, null, null);

    [Fact]
    public void Without_findings_every_invariant_has_passed() =>
        Assert.Equal(
            Auditor.Invariants.Select(static invariant => (invariant.Id, true)),
            Verdicts.OfInvariants([], []).Select(static check => (check.Name, check.Passed)));

    [Fact]
    public void A_finding_fails_its_invariant_and_no_other()
    {
        Check failed = Assert.Single(Verdicts.OfInvariants([new Finding("D4", "here", "wrong")], []), static check => !check.Passed);
        Assert.Equal("D4", failed.Name);
        Assert.Contains("here: wrong", failed.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_planted_fault_passes_only_when_it_is_reported()
    {
        Assert.Contains(Verdicts.OfInvariants([], ["N1"]), static check => check is { Name: "N1 planted", Passed: false });
        Assert.Contains(Verdicts.OfInvariants([new Finding("N1", "here", "reused")], ["N1"]), static check => check is { Name: "N1 planted", Passed: true });
    }

    [Fact]
    public void Recovery_is_the_slowest_of_those_that_were_open_at_the_kill()
    {
        SessionTimes[] sessions =
        [
            Times("done before", -10, -5), Times("quick", -1, 1), Times("slow", -2, 2.5), Times("began after", 1, 60),
        ];
        Check recovery = Check(_nothing with { RecoveryWithin = TimeSpan.FromSeconds(3) }, sessions);
        Assert.True(recovery.Passed);
        Assert.Contains("the slowest of 2 completed 2500 ms", recovery.Detail, StringComparison.Ordinal);
        Assert.False(Check(_nothing with { RecoveryWithin = TimeSpan.FromSeconds(2) }, sessions).Passed);
        Assert.False(Check(_nothing with { RecoveryWithin = TimeSpan.FromSeconds(3) }, [.. sessions, Times("never", -1, null)]).Passed);
        Assert.False(Check(_nothing with { OpenAtKill = 3 }, sessions).Passed);
        Assert.True(Check(_nothing with { OpenAtKill = 2 }, sessions).Passed);
    }

    [Fact]
    public void Recovery_from_a_kill_that_never_was_has_not_passed() =>
        Assert.False(Assert.Single(Verdicts.OfExpectations(_nothing with { OpenAtKill = 1 }, [], new Dictionary<string, int>(), null)).Passed);

    [Fact]
    public void Every_party_must_have_rotated()
    {
        Dictionary<string, int> epochs = new(StringComparer.Ordinal) { ["alice"] = 5, ["bob"] = 1 };
        Assert.False(Assert.Single(Verdicts.OfExpectations(_nothing with { KeyEpochs = 2 }, [], epochs, null)).Passed);
        Assert.True(Assert.Single(Verdicts.OfExpectations(_nothing with { KeyEpochs = 1 }, [], epochs, null)).Passed);
    }

    [Fact]
    public void What_clients_and_nodes_are_told_is_held_against_what_was_expected()
    {
        Dictionary<string, int> dead = new(StringComparer.Ordinal) { ["a"] = 1 };
        Expectations strict = _nothing with { SlowestWithin = TimeSpan.FromSeconds(2), Errors = 3, TakenForDead = 1 };
        Assert.All(Verdicts.OfClients(strict, TimeSpan.FromSeconds(2), 3, dead), static check => Assert.True(check.Passed));
        Assert.All(
            Verdicts.OfClients(strict, TimeSpan.FromSeconds(2.1), 4, new Dictionary<string, int>()), static check => Assert.False(check.Passed));
        Assert.Empty(Verdicts.OfClients(_nothing, TimeSpan.MaxValue, int.MaxValue, dead));
    }

    [Fact]
    public void A_run_that_was_not_run_has_not_passed() => Assert.False(RunReport.Missing("s", 1, "no faketime").Passed);

    private static Check Check(Expectations expect, IReadOnlyList<SessionTimes> sessions) =>
        Assert.Single(Verdicts.OfExpectations(expect, sessions, new Dictionary<string, int>(), _kill));

    private static SessionTimes Times(string session, double requested, double? completed) =>
        new(session, _kill.AddSeconds(requested), completed is { } seconds ? _kill.AddSeconds(seconds) : null, 1);
}
