using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SignerCluster.Actors.Requests;
using SignerCluster.Protocol;
using SignerCluster.Protocol.Durability;
using SignerCluster.Secp256k1;

namespace SignerCluster.Workbench.Bench;

/// <summary>What is measured.</summary>
internal sealed record BenchPlan(int Threshold, int Participants, int Sessions, int Concurrency)
{
    internal bool InMemory { get; init; }

    internal bool Unsealed { get; init; }

    /// <summary>How often the keys of all nodes are rotated meanwhile; null for never.</summary>
    internal TimeSpan? RotateEvery { get; init; }

    /// <summary>Are payments of one input signed instead of bare messages?</summary>
    internal bool Pays { get; init; }

    /// <summary>Are they withdrawals of a group under a guardian?</summary>
    internal bool IsGuarded { get; init; }

    /// <summary>Are covenants spent as jobs instead of bare messages signed?</summary>
    internal bool Covenants { get; init; }

    /// <summary>How long a round trip between parties takes, in a cluster of processes; null for what loopback takes.</summary>
    internal TimeSpan? LinkRoundTrip { get; init; }
}

/// <summary>Measures a whole cluster in this process: bare messages, a given number of sessions at once.</summary>
internal sealed class ClusterBench(string data, BenchPlan plan)
{
    private const string Measured = "s";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    internal async Task<BenchDocument> RunAsync(CancellationToken cancellation)
    {
        await using MeasuredCluster cluster = await MeasuredCluster.StartAsync(
            data, plan.Threshold, plan.Participants, new MeasuredJournals(plan.InMemory, plan.Unsealed), cancellation);
        if (plan.IsGuarded)
        {
            await cluster.GuardAsync(cancellation);
        }

        if (plan.Covenants)
        {
            int prepared = Math.Max(plan.Sessions, 3000);
            cluster.PrepareRequests(Enumerable.Range(-prepared, 2 * prepared));
        }

        // Enough for the code to be compiled for speed and for all connections to be open: after 750 sessions a signature still cost a quarter more CPU.
        int sessions = plan.Sessions;
        int warmUp = Math.Min(sessions, 3000);
        await SignAllAsync(cluster, "warm", warmUp, cancellation);

        (long journalBefore, long writtenBefore) = (JournalBytes(), WrittenBytes());
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        Stopwatch watch = Stopwatch.StartNew();
        (double[] latenciesMs, int rotations) = await SignRotatingAsync(cluster, cancellation);
        TimeSpan elapsed = watch.Elapsed;
        TimeSpan cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        (long journal, long written) = (JournalBytes() - journalBefore, WrittenBytes() - writtenBefore);
        Array.Sort(latenciesMs);
        return new BenchDocument(
            sessions,
            Math.Round(elapsed.TotalSeconds, 3),
            Math.Round(sessions / elapsed.TotalSeconds, 1),
            Percentile(latenciesMs, 0.50),
            Percentile(latenciesMs, 0.99),
            Math.Round(cpu.TotalMilliseconds / sessions, 3),
            written / sessions,
            journal / sessions,
            plan.Threshold,
            plan.Participants,
            plan.Concurrency,
            plan.InMemory ? "memory" : "sqlite",
            !plan.Unsealed,
            plan.Unsealed ? null : SealBench.MeasureMicroseconds(),
            rotations,
            await ReadBackAsync(cluster, cancellation));
    }

    private async Task<(double[] LatenciesMs, int Rotations)> SignRotatingAsync(MeasuredCluster cluster, CancellationToken cancellation)
    {
        if (plan.RotateEvery is not { } pace)
        {
            return (await SignAllAsync(cluster, Measured, plan.Sessions, cancellation), 0);
        }

        await using Rotating rotating = new(cluster, pace);
        double[] latenciesMs = await SignAllAsync(cluster, Measured, plan.Sessions, cancellation);
        return (latenciesMs, rotating.Rotations);
    }

    internal static double Percentile(IReadOnlyList<double> sorted, double fraction) =>
        Math.Round(sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Count) - 1, 0, sorted.Count - 1)], 3);

    /// <summary>
    /// Shows that nothing was lost: every session that was signed is completed in the coordinator's journal, and every history of every node reads back.
    /// Returns how many histories were read. Throws <see cref="VerificationException"/> for a session that is not there completed, and
    /// <see cref="UnreadableHistoryException"/>.
    /// </summary>
    private async Task<long> ReadBackAsync(MeasuredCluster cluster, CancellationToken cancellation)
    {
        for (int number = 0; number < plan.Sessions; number++)
        {
            SessionId id = SessionOf(Measured, number);
            SessionId session = plan.Covenants ? MeasuredCluster.SessionOfJob(id) : id;
            string state = (await cluster.ReadAsync(session, cancellation))?.State ?? "nothing";
            if (state != "completed")
            {
                throw new VerificationException($"Session {session} was signed, and its journal says {state}.");
            }
        }

        return plan.Sessions + await cluster.ReadSeatsAsync(cancellation);
    }

    private static SessionId SessionOf(string prefix, int number) => SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}"));

    /// <summary>Each of the plan's clients signs one message after another. Returns every latency in milliseconds.</summary>
    private async Task<double[]> SignAllAsync(MeasuredCluster cluster, string prefix, int sessions, CancellationToken cancellation)
    {
        double[] latenciesMs = new double[sessions];
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(plan.Concurrency, sessions)).Select(_ => Task.Run(ClientAsync, cancellation)));
        return latenciesMs;

        async Task ClientAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number < sessions)
            {
                SessionId session = SessionOf(prefix, number);
                long begun = Stopwatch.GetTimestamp();
                await SignAsync(cluster, session, prefix == Measured ? number : ~number, cancellation);
                latenciesMs[number] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        }
    }

    private async Task SignAsync(MeasuredCluster cluster, SessionId session, int number, CancellationToken cancellation)
    {
        if (plan.Covenants)
        {
            await cluster.SpendAsync(session, number, _patience, cancellation);
            return;
        }

        SigningReport report = await (plan.Pays
            ? cluster.PayAsync(session, number, plan.IsGuarded, _patience, cancellation)
            : cluster.SignAsync(session, FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(number))), _patience, cancellation));
        if (report is not SigningReport.Signed)
        {
            throw new UnavailableException("bench_unfinished", $"Session {session} was not signed: {report}");
        }
    }

    private long JournalBytes() =>
        Directory.EnumerateFiles(data, "journal.db*", SearchOption.AllDirectories).Sum(static path => new FileInfo(path).Length);

    private static long WrittenBytes()
    {
        const string Field = "wchar: ";
        string line = File.ReadLines("/proc/self/io").First(static line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Field.Length), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
