using System.CommandLine;
using SignerCluster.Host.Verbs;
using SignerCluster.Workbench.Bench;

namespace SignerCluster.Workbench;

/// <summary><c>bench</c>: measures this machine.</summary>
internal static class BenchVerb
{
    private static readonly Option<int> _participants = new("--participants") { DefaultValueFactory = static _ => 3, HelpName = "N" };
    private static readonly Option<int> _threshold = new("--threshold") { DefaultValueFactory = static _ => 2, HelpName = "T" };
    private static readonly Option<int> _sessions =
        new("--sessions") { Description = "Signatures to measure.", DefaultValueFactory = static _ => 3000, HelpName = "K" };
    private static readonly Option<int> _concurrency =
        new("--concurrency") { Description = "Sessions at once.", DefaultValueFactory = static _ => 64, HelpName = "C" };
    private static readonly Option<bool> _crypto = new("--crypto") { Description = "The cryptography alone, all parties in one thread." };
    private static readonly Option<string> _journal =
        new("--journal") { Description = "sqlite on a temporary directory, or memory.", DefaultValueFactory = static _ => "sqlite" };

    private static readonly Option<bool> _noSeal = new("--no-seal") { Description = "Journals as plain text, to see what sealing costs. Exists only here." };
    private static readonly Option<int?> _rotateEvery =
        new("--rotate-every") { Description = "Rotate the keys of all nodes at this pace meanwhile.", HelpName = "MS" };
    private static readonly Option<bool> _compareSeal =
        new("--compare-seal") { Description = "Measure without and with sealing in turns, and print the ratio." };
    private static readonly Option<int?> _compareRotation =
        new("--compare-rotation") { Description = "Measure without and with rotations at this pace in turns, and print the ratio.", HelpName = "MS" };

    private static readonly Option<bool> _compareGuardian =
        new("--compare-guardian") { Description = "Measure plain payments and withdrawals under a guardian in turns, and print the ratio." };

    private static readonly Option<bool> _compareJobs =
        new("--compare-jobs") { Description = "Measure bare messages and covenant jobs in turns, and print the ratio." };

    private static readonly Option<int?> _openJobs = new("--open-jobs")
    {
        Description = "How a cluster starts with so many open covenant jobs, and what 10,000 submits of one request make.",
        HelpName = "N",
    };

    private static readonly Option<int?> _guardianRecords =
        new("--guardian-records") { Description = "How long a guardian with so many records takes to come back after a restart.", HelpName = "N" };

    private static readonly Option<bool> _cluster =
        new("--cluster") { Description = "A cluster of processes with PostgreSQL, made for this and removed again." };

    private static readonly Option<int?> _linkRtt =
        new("--link-rtt") { Description = "With --cluster: every link between parties takes so long for a round trip.", HelpName = "MS" };

    internal static Command Create(Terminal terminal)
    {
        _journal.AcceptOnlyFromAmong("sqlite", "memory");
        Command verb = new("bench", WorkbenchVerbs.Bench)
        {
            _participants, _threshold, _sessions, _concurrency, _crypto, _journal, _noSeal, _rotateEvery, _compareSeal, _compareRotation, _compareGuardian,
            _guardianRecords, _compareJobs, _openJobs, _cluster, _linkRtt,
            CommonOptions.Json,
        };
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        (int threshold, int participants) = (parsed.GetValue(_threshold), parsed.GetValue(_participants));
        CommonOptions.RequireSize(threshold, participants);
        return (parsed.GetValue(_crypto), parsed.GetValue(_guardianRecords), parsed.GetValue(_openJobs)) switch
        {
            (true, null, null) => MeasureCryptoAsync(threshold, participants, terminal, cancellation),
            (false, { } records, null) => MeasureGuardianAsync(records, terminal, cancellation),
            (false, null, { } jobs) => JobsBench.RunAsync(jobs, terminal, cancellation),
            (false, null, null) => MeasureClusterAsync(parsed, threshold, participants, terminal, cancellation),
            _ => throw new UsageException("bench_contradictory", "--crypto, --guardian-records, --open-jobs: only one of them in a run."),
        };
    }

    private static async Task<int> MeasureGuardianAsync(int records, Terminal terminal, CancellationToken cancellation)
    {
        if (records < 1)
        {
            throw new UsageException("bench_out_of_range", $"--guardian-records {records}: at least 1.");
        }

        using TemporaryDirectory directory = new("signer-bench-");
        GuardianBenchDocument measured = await terminal.WithProgressAsync("Writing records", async progress =>
        {
            await using MeasuredGuardian guardian = await MeasuredGuardian.WriteAsync(directory.Path, records, progress, cancellation);
            List<double> checkpoints = [];
            for (int round = 0; round < 3; round++)
            {
                checkpoints.Add((await guardian.RecoverAsync(fromCheckpoints: true, cancellation)).TotalSeconds);
            }

            double replay = (await guardian.RecoverAsync(fromCheckpoints: false, cancellation)).TotalSeconds;
            double first = (await guardian.AuditAsync(progress, cancellation)).TotalSeconds;
            double second = (await guardian.AuditAsync(progress, cancellation)).TotalSeconds;
            return new GuardianBenchDocument(
                records, Math.Round(checkpoints.Order().ElementAt(1), 3), Math.Round(replay, 3), Math.Round(records / Math.Min(first, second)));
        });
        return terminal.ShowLines(
            measured,
            BenchJson.Readable.GuardianBenchDocument,
            [
                $"a guardian with {records} records is back after {measured.CheckpointSeconds} s from its checkpoints, "
                    + $"{measured.ReplaySeconds} s from all its rows",
                $"its journal is audited at {measured.AuditRecordsPerSecond} records/s",
            ]);
    }

    private static async Task<int> MeasureCryptoAsync(int threshold, int participants, Terminal terminal, CancellationToken cancellation)
    {
        using CryptoBench bench = new(threshold, participants);
        CryptoBenchDocument measured = await terminal.WithProgressAsync("Measuring…", () => Task.Run(() => bench.Run(cancellation), cancellation));
        return terminal.ShowLines(
            measured, BenchJson.Readable.CryptoBenchDocument,
        [
            $"{threshold}-of-{participants}, all parties in one thread, median:",
            $"{measured.MsPerSignature} ms a signature, the commitments aggregated once",
            $"{measured.MsPerSignatureAggregatedBySeats} ms a signature when every seat aggregates them itself, as seats here do on machines of their own",
        ]);
    }

    private static async Task<int> MeasureClusterAsync(ParseResult parsed, int threshold, int participants, Terminal terminal, CancellationToken cancellation)
    {
        (int sessions, int concurrency) = (parsed.GetValue(_sessions), parsed.GetValue(_concurrency));
        if (sessions < 1 || concurrency < 1)
        {
            throw new UsageException("bench_out_of_range", $"--sessions {sessions} --concurrency {concurrency}: both are at least 1.");
        }

        BenchPlan plan = new(threshold, participants, sessions, concurrency)
        {
            InMemory = parsed.GetValue(_journal) == "memory",
            Unsealed = parsed.GetValue(_noSeal),
            RotateEvery = PaceOf(parsed, _rotateEvery),
            LinkRoundTrip = PaceOf(parsed, _linkRtt),
        };
        if (parsed.GetValue(_cluster))
        {
            return await NodesBenchRun.RunAsync(plan, terminal, cancellation);
        }

        if (plan.LinkRoundTrip is not null)
        {
            throw new UsageException("bench_contradictory", "--link-rtt: only with --cluster, where parties have links.");
        }

        RequireSense(
            plan, parsed.GetValue(_compareSeal), parsed.GetValue(_compareRotation), parsed.GetValue(_compareGuardian), parsed.GetValue(_compareJobs));
        if (parsed.GetValue(_compareSeal))
        {
            return await CompareAsync(plan with { Unsealed = true }, plan, "seal", terminal, cancellation);
        }

        if (parsed.GetValue(_compareGuardian))
        {
            return await CompareAsync(plan with { Pays = true }, plan with { Pays = true, IsGuarded = true }, "guardian", terminal, cancellation);
        }

        if (parsed.GetValue(_compareJobs))
        {
            return await CompareAsync(plan, plan with { Covenants = true }, "jobs", terminal, cancellation);
        }

        if (PaceOf(parsed, _compareRotation) is { } pace)
        {
            return await CompareAsync(plan, plan with { RotateEvery = pace }, "rotation", terminal, cancellation);
        }

        using TemporaryDirectory directory = new("signer-bench-");
        BenchDocument measured = await terminal.WithProgressAsync("Measuring…", () => new ClusterBench(directory.Path, plan).RunAsync(cancellation));
        return terminal.ShowLines(measured, BenchJson.Readable.BenchDocument, Lines(measured));
    }

    private static async Task<int> CompareAsync(BenchPlan plain, BenchPlan compared, string what, Terminal terminal, CancellationToken cancellation)
    {
        using TemporaryDirectory directory = new("signer-bench-");
        CompareDocument both = await terminal.WithProgressAsync(
            "Measuring both in turns…", () => Comparison.RunAsync(directory.Path, plain, compared, what, cancellation));
        return terminal.ShowLines(both, BenchJson.Readable.CompareDocument,
        [
            $"without {what}: {string.Join(", ", both.Without.Select(static round => $"{round.SignaturesPerSecond:0.#}"))} signatures/s",
            $"with {what}: {string.Join(", ", both.With.Select(static round => $"{round.SignaturesPerSecond:0.#}"))} signatures/s, "
                + $"{both.With.Sum(static round => round.Rotations)} rotations, nothing lost",
            $"ratio of the medians: {both.Ratio:0.###}",
        ]);
    }

    private static IEnumerable<string> Lines(BenchDocument measured)
    {
        yield return $"{measured.SignaturesPerSecond:0.#} signatures/s ({measured.Signatures} in {measured.Seconds:0.###} s), "
            + $"{measured.Threshold}-of-{measured.Participants}, {measured.Concurrency} at once, journal: "
            + $"{measured.Journal}{(measured.Sealed ? ", sealed" : ", not sealed")}";
        yield return $"latency p50 {measured.P50Ms:0.##} ms, p99 {measured.P99Ms:0.##} ms";
        yield return $"a signature costs {measured.CpuMsPerSignature:0.###} ms of CPU, {measured.BytesPerSignature} bytes written, "
            + $"{measured.JournalBytesPerSignature} bytes of journal";
        if (measured.SealMicroseconds is { } microseconds)
        {
            yield return $"sealing a row of 700 bytes takes {microseconds:0.##} µs";
        }

        if (measured.Rotations > 0)
        {
            yield return $"{measured.Rotations} rotations meanwhile; all {measured.HistoriesReadBack} histories read back whole";
        }
    }

    private static TimeSpan? PaceOf(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) is { } ms
        ? ms >= 1 ? TimeSpan.FromMilliseconds(ms) : throw new UsageException("bench_out_of_range", $"{option.Name} {ms}: at least 1 millisecond.")
        : null;

    private static void RequireSense(BenchPlan plan, bool comparesSeal, int? comparesRotation, bool comparesGuardian, bool comparesJobs)
    {
        bool isContradictory = (comparesJobs && (comparesSeal || comparesGuardian || comparesRotation is not null))
            || (comparesSeal && comparesRotation is not null)
            || (comparesGuardian && (comparesSeal || comparesRotation is not null))
            || (plan.Unsealed && (comparesSeal || comparesRotation is not null || plan.RotateEvery is not null))
            || (comparesRotation is not null && plan.RotateEvery is not null)
            || (comparesSeal && plan.RotateEvery is not null);
        if (isContradictory)
        {
            throw new UsageException(
                "bench_contradictory", "--no-seal, --rotate-every, --compare-seal, --compare-rotation, --compare-guardian, --compare-jobs: only one of them in a run.");
        }
    }
}
