using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Protocol;
using SignerCluster.Runtime;
using SignerCluster.Secp256k1;

namespace SignerCluster.Host.Verbs.Bench;

/// <summary>Measures a whole cluster in this process: bare messages, a given number of sessions at once.</summary>
internal sealed class ClusterBench(string data, int threshold, int participants, int concurrency, bool inMemory)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    internal async Task<BenchDocument> RunAsync(int sessions, CancellationToken cancellation)
    {
        GroupId group = await MakeGroupAsync();
        ClusterSettings settings = new() { Policy = new SigningPolicy { AllowRaw = true }, Storage = new NodeStorageSettings { InMemory = inMemory } };
        await using RunningCluster running = await Wiring.StartAsync(data, settings, NullLoggerFactory.Instance, cancellation);
        // Enough for the code to be compiled for speed and for all connections to be open.
        int warmUp = Math.Clamp(sessions / 4, Math.Min(sessions, 16), 1000);
        await SignAllAsync(running.Cluster.Desk, group, "warm", warmUp, cancellation);

        (long journalBefore, long writtenBefore) = (JournalBytes(), WrittenBytes());
        TimeSpan cpuBefore = Environment.CpuUsage.TotalTime;
        Stopwatch watch = Stopwatch.StartNew();
        double[] latenciesMs = await SignAllAsync(running.Cluster.Desk, group, "s", sessions, cancellation);
        TimeSpan elapsed = watch.Elapsed;
        TimeSpan cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        Array.Sort(latenciesMs);
        return new BenchDocument(
            sessions,
            Math.Round(elapsed.TotalSeconds, 3),
            Math.Round(sessions / elapsed.TotalSeconds, 1),
            Percentile(latenciesMs, 0.50),
            Percentile(latenciesMs, 0.99),
            Math.Round(cpu.TotalMilliseconds / sessions, 3),
            (WrittenBytes() - writtenBefore) / sessions,
            (JournalBytes() - journalBefore) / sessions,
            threshold,
            participants,
            concurrency,
            inMemory ? "memory" : "sqlite");
    }

    internal static double Percentile(IReadOnlyList<double> sorted, double fraction) =>
        Math.Round(sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Count) - 1, 0, sorted.Count - 1)], 3);

    private async Task<GroupId> MakeGroupAsync()
    {
        using DataDirectory directory = DataDirectory.Hold(data);
        return (await Wiring.CreateGroupAsync(directory, threshold, participants)).Value;
    }

    /// <summary>Each of <c>concurrency</c> clients signs one message after another. Returns every latency in milliseconds.</summary>
    private async Task<double[]> SignAllAsync(SigningDesk desk, GroupId group, string prefix, int sessions, CancellationToken cancellation)
    {
        double[] latenciesMs = new double[sessions];
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, sessions)).Select(_ => Task.Run(ClientAsync, cancellation)));
        return latenciesMs;

        async Task ClientAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number < sessions)
            {
                Bytes32 message = FixedBytes.From<Bytes32>(SHA256.HashData(BitConverter.GetBytes(number)));
                SessionId session = SessionId.Parse(string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}"));
                long begun = Stopwatch.GetTimestamp();
                SigningReport report = await desk.SignMessageAsync(group, session, message, _patience, cancellation);
                latenciesMs[number] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                if (report is not SigningReport.Signed)
                {
                    throw new UnavailableException("bench_unfinished", $"Session {session} was not signed: {report}");
                }
            }
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
