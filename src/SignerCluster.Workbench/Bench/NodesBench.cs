using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using SignerCluster.Workbench.Cluster;

namespace SignerCluster.Workbench.Bench;

/// <summary>Measures a cluster of processes from outside, over HTTP: bare messages, to both coordinators in turn.</summary>
internal sealed class NodesBench(ClusterDirectory directory, ClusterDocument cluster, int sessions, int concurrency) : IDisposable
{
    private const int WarmUpRound = 2000;
    private const int MostWarmUpRounds = 15;
    private const double SettledShare = 0.02;
    private const int LoneSessions = 300;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 512 }) { Timeout = _patience };
    private readonly string[] _coordinators = [.. cluster.Nodes.Where(static node => node.Role == "coordinator").Select(static node => node.Url)];

    internal async Task<NodesBenchDocument> RunAsync(WorkProgress progress, CancellationToken cancellation)
    {
        double idleMiB = cluster.Nodes.Max(static node => ProcessFigures.ResidentMiB(node.Pid!.Value));
        progress.Begin("Warming up");
        await WarmUpAsync(cancellation);
        progress.Begin("Measuring lone sessions");
        using MachinePace lonePace = MachinePace.Begin();
        double[] lone = await SignAllAsync("lone", Math.Min(sessions, LoneSessions), 1, cancellation);
        double loneVerifyMicroseconds = lonePace.End();

        progress.Begin("Measuring");
        long journalBefore = await JournalBytesAsync(cancellation);
        CpuFigures cpuBefore = CpuFigures.Read(cluster);
        using MachinePace pace = MachinePace.Begin();
        Stopwatch watch = Stopwatch.StartNew();
        double[] latencies = await SignAllAsync("s", sessions, concurrency, cancellation);
        TimeSpan elapsed = watch.Elapsed;
        CpuFigures cpu = CpuFigures.Read(cluster) - cpuBefore;
        double verifyMicroseconds = pace.End();
        long journal = await JournalBytesAsync(cancellation) - journalBefore;
        return new NodesBenchDocument(
            sessions,
            Math.Round(elapsed.TotalSeconds, 3),
            Math.Round(sessions / elapsed.TotalSeconds, 1),
            ClusterBench.Percentile(latencies, 0.50),
            ClusterBench.Percentile(latencies, 0.99),
            ClusterBench.Percentile(lone, 0.50),
            ClusterBench.Percentile(lone, 0.99),
            Math.Round(cpu.CoordinatorsMs / sessions, 3),
            Math.Round(cpu.ParticipantsMs / sessions, 3),
            Math.Round(cpu.PostgresMs / sessions, 3),
            verifyMicroseconds,
            loneVerifyMicroseconds,
            Math.Round(cpu.TotalMs / sessions * 1000 / verifyMicroseconds, 1),
            journal / sessions,
            Math.Round(idleMiB, 1),
            cluster.Threshold,
            cluster.Participants,
            concurrency,
            cluster.Nodes.Count);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>
    /// Signs until the nodes have compiled for speed what they use: each does so by itself, after what it has done, and for a minute takes up to half of its
    /// CPU for it. Ends when compiling takes less than a fiftieth, or after fifteen rounds.
    /// </summary>
    private async Task WarmUpAsync(CancellationToken cancellation)
    {
        for (int round = 0; round < MostWarmUpRounds; round++)
        {
            (Dictionary<string, double> compilersBefore, CpuFigures cpuBefore) = (CompilersMs(), CpuFigures.Read(cluster));
            await SignAllAsync($"warm{round}", Math.Min(sessions, WarmUpRound), concurrency, cancellation);
            double compilingMs = CompilersMs().Sum(compiler => compiler.Value - compilersBefore.GetValueOrDefault(compiler.Key));
            if (compilingMs < SettledShare * (CpuFigures.Read(cluster) - cpuBefore).NodesMs)
            {
                return;
            }
        }
    }

    private Dictionary<string, double> CompilersMs() => cluster.Nodes.SelectMany(static node => ProcessFigures.CompilersMs(node.Pid!.Value)).ToDictionary();

    /// <summary>Each of so many clients signs one message after another. Returns every latency in milliseconds, ascending.</summary>
    private async Task<double[]> SignAllAsync(string prefix, int count, int clients, CancellationToken cancellation)
    {
        // A cluster may have been measured before, and an id stands for one message for ever.
        string run = $"{prefix}-{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture)}-";
        double[] latencies = new double[count];
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(clients, count)).Select(_ => Task.Run(ClientAsync, cancellation)));
        Array.Sort(latencies);
        return latencies;

        async Task ClientAsync()
        {
            while (Interlocked.Increment(ref next) is var number && number < count)
            {
                string session = string.Create(CultureInfo.InvariantCulture, $"{run}{number}");
                long begun = Stopwatch.GetTimestamp();
                await SignAsync(_coordinators[number % _coordinators.Length], session, number, cancellation);
                latencies[number] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        }
    }

    private async Task SignAsync(string coordinator, string session, int number, CancellationToken cancellation)
    {
        string message = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)));
        using StringContent body = new($$"""{"sessionId":"{{session}}","message":"{{message}}"}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _client.PostAsync(new Uri($"{coordinator}/v1/groups/{cluster.Group}/sessions?wait=60"), body, cancellation);
        SignedAnswer? signed = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync(BenchJson.Readable.SignedAnswer, cancellation) : null;
        if (signed?.Signature is null)
        {
            throw new UnavailableException(
                "bench_unfinished",
                $"Session {session} was not signed by {coordinator}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }

    /// <summary>What the journals of all parties take on the disk.</summary>
    private async Task<long> JournalBytesAsync(CancellationToken cancellation)
    {
        long bytes = 0;
        foreach (string party in cluster.Nodes.Select(static node => node.Party).Distinct())
        {
            bytes += await new PartyDatabase(cluster.Servers.Postgres, directory, party).ReadJournalBytesAsync(cancellation);
        }

        return bytes;
    }
}

/// <summary>What signing with a cluster of processes costs.</summary>
/// <param name="LoneP50Ms">Median time of one session after another, with nothing else going on.</param>
/// <param name="CoordinatorsCpuMs">CPU of all coordinator nodes for a signature; likewise the others.</param>
/// <param name="VerifyMicroseconds">What verifying one BIP-340 signature took meanwhile: the pace of the machine under this load.</param>
/// <param name="LoneVerifyMicroseconds">Likewise while one session ran after another.</param>
/// <param name="CpuVerifications">CPU of all processes for a signature, in verifications at the pace of the run: what can be compared between runs and
/// machines.</param>
/// <param name="JournalBytesPerSignature">By how much the journals of all parties grew, with indexes.</param>
/// <param name="IdleNodeMiB">Resident memory of the largest node before it signed anything.</param>
internal sealed record NodesBenchDocument(
    int Signatures,
    double Seconds,
    double SignaturesPerSecond,
    double P50Ms,
    double P99Ms,
    double LoneP50Ms,
    double LoneP99Ms,
    double CoordinatorsCpuMs,
    double ParticipantsCpuMs,
    double PostgresCpuMs,
    double VerifyMicroseconds,
    double LoneVerifyMicroseconds,
    double CpuVerifications,
    long JournalBytesPerSignature,
    double IdleNodeMiB,
    int Threshold,
    int Participants,
    int Concurrency,
    int Nodes);
