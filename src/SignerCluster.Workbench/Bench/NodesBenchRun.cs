using SignerCluster.Host.Verbs;
using SignerCluster.Workbench.Cluster;

namespace SignerCluster.Workbench.Bench;

/// <summary>Makes a cluster of processes in a throw-away folder, measures it, and leaves nothing of it.</summary>
internal static class NodesBenchRun
{
    internal static async Task<int> RunAsync(BenchPlan plan, Terminal terminal, CancellationToken cancellation)
    {
        using TemporaryDirectory folder = new("signer-bench-");
        ClusterDirectory directory = new(Path.Join(folder.Path, "cluster"));
        OpenToServers(folder.Path);
        using IDisposable held = directory.Hold();
        ClusterPlan wanted = new(plan.Participants, plan.Threshold, Coordinators: 2, ParticipantNodes: 1, FreePort.TakeRow(plan.Participants + 11));
        try
        {
            NodesBenchDocument measured = await terminal.WithProgressAsync(
                "Bringing a cluster up…", progress => MeasureAsync(directory, wanted, plan, progress, cancellation));
            return terminal.ShowLines(measured, BenchJson.Readable.NodesBenchDocument, Lines(measured));
        }
        finally
        {
            await terminal.WithProgressAsync("Taking the cluster down…", progress => new LocalCluster(directory).DownAsync(progress, CancellationToken.None));
        }
    }

    private static async Task<NodesBenchDocument> MeasureAsync(
        ClusterDirectory directory, ClusterPlan wanted, BenchPlan plan, WorkProgress progress, CancellationToken cancellation)
    {
        LocalCluster local = new(directory);
        await using SlowWays ways = new();
        if (plan.LinkRoundTrip is { } roundTrip)
        {
            ClusterDocument made = await local.UpAsync(wanted, withNodes: false, progress, cancellation);
            (made with { Nodes = [.. made.Nodes.Select(node => ways.Detour(node, roundTrip))] }).Save(directory);
        }

        ClusterDocument cluster = await local.UpAsync(wanted, withNodes: true, progress, cancellation);
        using NodesBench bench = new(directory, cluster, plan.Sessions, plan.Concurrency);
        return await bench.RunAsync(progress, cancellation);
    }

    private static IEnumerable<string> Lines(NodesBenchDocument measured) =>
    [
        $"{measured.SignaturesPerSecond:0.#} signatures/s ({measured.Signatures} in {measured.Seconds:0.###} s), "
            + $"{measured.Threshold}-of-{measured.Participants}, {measured.Concurrency} at once, {measured.Nodes} nodes",
        $"latency p50 {measured.P50Ms:0.##} ms, p99 {measured.P99Ms:0.##} ms; alone p50 {measured.LoneP50Ms:0.##} ms, p99 {measured.LoneP99Ms:0.##} ms",
        $"CPU a signature: coordinators {measured.CoordinatorsCpuMs:0.###} ms, participants {measured.ParticipantsCpuMs:0.###} ms, "
            + $"PostgreSQL {measured.PostgresCpuMs:0.###} ms",
        $"the machine's pace meanwhile: {measured.VerifyMicroseconds:0.#} µs to verify a BIP-340 signature ({measured.LoneVerifyMicroseconds:0.#} µs alone); "
            + $"a signature costs {measured.CpuVerifications:0.#} of those",
        $"{measured.JournalBytesPerSignature} bytes of journals a signature; an idle node takes {measured.IdleNodeMiB:0.#} MiB",
    ];

    /// <summary>The servers run under users of their own, who must be able to get to their data.</summary>
    private static void OpenToServers(string folder) => File.SetUnixFileMode(
        folder,
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
}
