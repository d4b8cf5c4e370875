using System.Diagnostics;
using System.Globalization;

namespace SignerCluster.Benchmarks;

/// <summary>
/// A quick second opinion on a shared machine: several blocks of rounds, the best and the middle of their
/// medians, and the best mean, which unlike a median includes the time that other processes took away.
/// </summary>
internal static class PlainLoop
{
    private const int Blocks = 9;

    internal static void Run()
    {
        foreach (string size in CryptoRound.Sizes)
        {
            CryptoRound round = new() { Group = size };
            round.Setup();
            (double Median, double Mean)[] blocks = [.. Enumerable.Range(0, Blocks).Select(_ => Measure(round)).Order()];
            round.Cleanup();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{size}: best median {blocks[0].Median:F3} ms, middle {blocks[Blocks / 2].Median:F3} ms, "
                    + $"best mean {blocks.Min(static block => block.Mean):F3} ms"));
        }
    }

    private static (double Median, double Mean) Measure(CryptoRound round)
    {
        List<double> times = [];
        // Half a second a block: long enough for tiered compilation to settle in the first, short enough to find a quiet moment.
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5;)
        {
            long before = Stopwatch.GetTimestamp();
            _ = round.Sign();
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        times.Sort();
        return (times[times.Count / 2], times.Average());
    }
}
