using System.Diagnostics;
using System.Globalization;
using SignerCluster.Chaos.Audit;
using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.FaultInjection;
using SignerCluster.Chaos.Load;
using SignerCluster.Chaos.Mutants;
using SignerCluster.Chaos.Plans;
using SignerCluster.Chaos.Reports;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos;

/// <summary>One run of one scenario on a cluster: start the nodes, put load on them, do the faults, wait for every session's end, stop, audit.</summary>
internal sealed class ScenarioRun(Deployment deployment, Scenario scenario, long seed, string run, Action<string> tell)
{
    private readonly Deeds _deeds = new(tell);
    private readonly List<string> _stuck = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    /// <summary>
    /// Throws <see cref="CannotRunException"/> when the machine lacks what the scenario needs, <see cref="UsageException"/> when the scenario does not fit the
    /// cluster.
    /// </summary>
    internal async Task<RunReport> RunAsync(CancellationToken cancellation)
    {
        await PrepareAsync(cancellation);
        foreach (NodeProcess node in deployment.Nodes)
        {
            node.BeginRun();
        }

        Plan plan = new(scenario, seed, run, [.. deployment.Document.Nodes.Select(static node => new PlannedNode(node.Name, node.IsCoordinator))]);
        SigningLoad load = new(deployment.Http, deployment.Document, scenario.Load, plan, tell);
        TimeSpan loaded;
        try
        {
            await deployment.StartAllAsync(cancellation);
            await load.PrepareAsync(cancellation);
            tell($"{scenario.Name}: {load.Count} sessions, seed {seed}");
            loaded = await LoadAsync(plan, load, cancellation);
            await RecoverAsync(cancellation);
        }
        finally
        {
            await deployment.StopAllAsync();
        }

        deployment.Told.AddRange(load.Logs.Select(log => log.ToClientSession() with { ClocksAgree = scenario.Expect.ClocksAgree }));
        tell("auditing");
        return Report(load, loaded, await deployment.ExportAsync(cancellation));
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        if (scenario.Needs.Contains("root") && !string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
        {
            throw new CannotRunException("It needs root, to mount a small file system.");
        }

        if (scenario.Needs.Contains("faketime") && FakeClock.Library is null)
        {
            throw FakeClock.Missing();
        }

        foreach (NodeProcess node in deployment.Nodes)
        {
            node.Binary = null;
            FakeClock.Remove(node);
            if (scenario.Needs.Contains("faketime"))
            {
                await FakeClock.PrepareAsync(node, deployment.Folder);
            }
        }

        foreach (Mutant mutant in scenario.Binaries.Values)
        {
            string program = await new MutantBuild(deployment.Product).BuildAsync(mutant, cancellation);
            foreach (string name in mutant.Nodes)
            {
                NodeProcess node = deployment.Nodes.FirstOrDefault(node => node.Name == name)
                    ?? throw new UsageException($"{scenario.Name}: there is no node {name} to run {mutant.Name}.");
                node.Binary = program;
            }
        }
    }

    private async Task<TimeSpan> LoadAsync(Plan plan, SigningLoad load, CancellationToken cancellation)
    {
        await using FaultSchedule faults = new(deployment, plan, load, _deeds);
        await faults.BeginAsync();
        Stopwatch watch = Stopwatch.StartNew();
        await load.RunAsync(cancellation);
        TimeSpan took = watch.Elapsed;
        await faults.EndAsync();
        return took;
    }

    /// <summary>Every node that runs must come to be ready by itself, now that nothing is wrong any more.</summary>
    private async Task RecoverAsync(CancellationToken cancellation)
    {
        foreach (NodeProcess node in deployment.Nodes.Where(static node => node.IsWanted))
        {
            try
            {
                await node.WhenReadyAsync(cancellation);
            }
            catch (CannotRunException stuck)
            {
                _stuck.Add(stuck.Message);
            }
        }
    }

    private RunReport Report(SigningLoad load, TimeSpan loaded, IReadOnlyList<PartyJournal> journals)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}-{seed}-{run}-");
        AuditTerms terms = new(
            deployment.Document.Group, deployment.Document.OutputKey, deployment.Document.Parties, scenario.Expect.LyingSeats, deployment.Told);
        IReadOnlyList<PartyJournal> read = scenario.Expect switch
        {
            { PlantDuplicate: true } => Plants.DuplicateShare(journals, seed),
            { PlantDebit: true } => Plants.SecondDebit(journals, seed),
            _ => journals,
        };
        IReadOnlyList<Finding> findings = Auditor.Audit(read, terms);
        IReadOnlyList<SessionTimes> sessions = SessionTimes.Of(journals, prefix);
        Dictionary<string, int> epochs = journals.ToDictionary(
            static journal => journal.Party,
            static journal => journal.Rows.Count(static row => row.Manifest == "key-ring.key-activated.v1"),
            StringComparer.Ordinal);
        List<Check> checks =
        [
            OfSessions(load),
            .. OfRivals(load),
            OfFaults(),
            new Check("ready again", _stuck.Count == 0, _stuck.Count == 0 ? "every node that was to run at the end was ready" : string.Join("; ", _stuck)),
            OfExits(),
            .. Verdicts.OfInvariants(findings, scenario.Expect.AuditFinds),
            .. Verdicts.OfExpectations(scenario.Expect, sessions, epochs, _deeds.FirstKill),
            .. Verdicts.OfClients(scenario.Expect, load.Logs.Max(static log => log.Took) ?? TimeSpan.Zero, load.Errors, deployment.TakenForDead),
        ];
        return new RunReport(scenario.Name, seed, checks.All(static check => check.Passed), checks, Figures(load, loaded, journals, sessions));
    }

    private static Check OfSessions(SigningLoad load)
    {
        SessionLog[] unsettled = [.. load.Logs.Where(static log => !log.IsSettled)];
        string told = unsettled.Length == 0
            ? $"all {load.Count} have their signatures{(load.Retries == 0 ? string.Empty : $"; on the way: {string.Join(", ", load.Answers)}")}"
            : $"{unsettled.Length} of {load.Count} have none, for example {unsettled[0].Session.Session}: {unsettled[0].Last}";
        return new Check("sessions", unsettled.Length == 0 && load.Finished == load.Count, told);
    }

    /// <summary>Where two transactions are asked for under one id, one is signed for all who ask for it and the other refused to all.</summary>
    private IEnumerable<Check> OfRivals(SigningLoad load)
    {
        if (scenario.Load.Rivals > 0)
        {
            SessionLog[] won = [.. load.Logs.Where(static log => log is { IsSigned: true, IsRefused: false })];
            SessionLog[] lost = [.. load.Logs.Where(static log => log is { IsAccepted: false, IsSigned: false, IsRefused: true })];
            yield return new Check(
                "rivals",
                won.Length == scenario.Load.Sessions && lost.Length == scenario.Load.Sessions,
                $"{won.Length} transactions were signed, {lost.Length} refused ({lost.Sum(static log => log.Refusals)} times), "
                    + $"for {scenario.Load.Sessions} ids");
        }
    }

    private Check OfFaults()
    {
        string[] undone =
        [
            .. scenario.Steps.Where(step => _deeds.CountOf(step) == 0)
                .Select(static step => $"{step.Word} (step {step.Number}) was not done: the sessions ended before its time came"),
            .. _deeds.Failed,
        ];
        return new Check("faults", undone.Length == 0, undone.Length == 0 ? $"{_deeds.Count} were done" : string.Join("; ", undone));
    }

    private Check OfExits()
    {
        string[] wrong = [.. deployment.Nodes.Where(static node => node.ExitCodes.Exists(static code => code != 0))
            .Select(static node =>
                $"{node.Name}: {string.Join(", ", node.ExitCodes)}{(node.EndOfStuck is { } last ? $" (its log ends: {last})" : "")}")];
        return new Check(
            "clean exits",
            wrong.Length == 0,
            wrong.Length == 0 ? "every node that was asked to stop ended with exit code 0" : $"exit codes after SIGTERM: {string.Join("; ", wrong)}");
    }

    private Dictionary<string, double> Figures(SigningLoad load, TimeSpan loaded, IReadOnlyList<PartyJournal> journals, IReadOnlyList<SessionTimes> sessions)
    {
        double[] times = [.. load.Logs.Where(static log => log.Took is not null).Select(static log => log.Took!.Value.TotalMilliseconds).Order()];
        Dictionary<string, double> figures = new(StringComparer.Ordinal)
        {
            ["sessions"] = scenario.Load.Sessions,
            ["callers"] = load.Count,
            ["signed"] = times.Length,
            ["retries"] = load.Retries,
            ["errors"] = load.Errors,
            ["faults"] = _deeds.Count,
            ["signaturesPerSecond"] = Math.Round(times.Length / loaded.TotalSeconds, 1),
            ["p50Ms"] = At(times, 0.5),
            ["p99Ms"] = At(times, 0.99),
            ["slowestMs"] = At(times, 1),
            ["rowsAudited"] = journals.Sum(static journal => journal.Rows.Count),
            ["respawns"] = deployment.Nodes.Sum(static node => node.Respawns),
            ["takenForDead"] = deployment.TakenForDead.Values.Sum(),
            ["takeovers"] = sessions.Count(static session => session.Writers > 1),
            ["loadSeconds"] = Math.Round(loaded.TotalSeconds, 2),
            ["seconds"] = Math.Round(_watch.Elapsed.TotalSeconds, 2),
        };
        if (_deeds.FirstKill is { } kill)
        {
            SessionTimes[] open = [.. sessions.Where(session => session.Requested < kill && (session.Completed ?? DateTimeOffset.MaxValue) > kill)];
            figures["openAtFirstKill"] = open.Length;
            figures["slowestAfterFirstKillMs"] = Math.Round(Verdicts.Slowest(open, kill)?.TotalMilliseconds ?? -1, 1);
        }

        return figures;
    }

    private static double At(double[] sorted, double part) =>
        sorted.Length == 0 ? 0 : Math.Round(sorted[(int)Math.Min(sorted.Length - 1, part * sorted.Length)], 1);
}
