using System.CommandLine;
using SignerCluster.Host.Verbs.Bench;

namespace SignerCluster.Host.Verbs;

/// <summary><c>bench</c>: measures this machine.</summary>
internal static class BenchVerb
{
    private static readonly Option<int> _participants = new("--participants") { DefaultValueFactory = static _ => 3, HelpName = "N" };
    private static readonly Option<int> _threshold = new("--threshold") { DefaultValueFactory = static _ => 2, HelpName = "T" };
    private static readonly Option<int> _sessions = new("--sessions") { Description = "Signatures to measure.", DefaultValueFactory = static _ => 3000, HelpName = "K" };
    private static readonly Option<int> _concurrency = new("--concurrency") { Description = "Sessions at once.", DefaultValueFactory = static _ => 64, HelpName = "C" };
    private static readonly Option<bool> _crypto = new("--crypto") { Description = "The cryptography alone, all parties in one thread." };
    private static readonly Option<string> _journal = new("--journal") { Description = "sqlite on a temporary directory, or memory.", DefaultValueFactory = static _ => "sqlite" };

    internal static Command Create(Terminal terminal)
    {
        _journal.AcceptOnlyFromAmong("sqlite", "memory");
        Command verb = new("bench", "Measure signatures per second, latency and cost on this machine.")
        {
            _participants, _threshold, _sessions, _concurrency, _crypto, _journal, CommonOptions.Json,
        };
        verb.SetAction((parsed, cancellation) => RunAsync(parsed, terminal, cancellation));
        return verb;
    }

    private static Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
    {
        (int threshold, int participants) = (parsed.GetValue(_threshold), parsed.GetValue(_participants));
        CommonOptions.RequireSize(threshold, participants);
        return parsed.GetValue(_crypto)
            ? MeasureCryptoAsync(threshold, participants, terminal, cancellation)
            : MeasureClusterAsync(parsed, threshold, participants, terminal, cancellation);
    }

    private static async Task<int> MeasureCryptoAsync(int threshold, int participants, Terminal terminal, CancellationToken cancellation)
    {
        using CryptoBench bench = new(threshold, participants);
        CryptoBenchDocument measured = await terminal.WithProgressAsync("Measuring…", () => Task.Run(() => bench.Run(cancellation), cancellation));
        return terminal.ShowLines(
            measured, ResultJson.Readable.CryptoBenchDocument,
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

        using TemporaryDirectory directory = new("signer-bench-");
        ClusterBench bench = new(directory.Path, threshold, participants, concurrency, parsed.GetValue(_journal) == "memory");
        BenchDocument measured = await terminal.WithProgressAsync("Measuring…", () => bench.RunAsync(sessions, cancellation));
        return terminal.ShowLines(measured, ResultJson.Readable.BenchDocument,
        [
            $"{measured.SignaturesPerSecond:0.#} signatures/s ({sessions} in {measured.Seconds:0.###} s), {threshold}-of-{participants}, {concurrency} at once, journal: {measured.Journal}",
            $"latency p50 {measured.P50Ms:0.##} ms, p99 {measured.P99Ms:0.##} ms",
            $"a signature costs {measured.CpuMsPerSignature:0.###} ms of CPU, {measured.BytesPerSignature} bytes written, {measured.JournalBytesPerSignature} bytes of journal",
        ]);
    }
}
