using System.Diagnostics;
using System.Globalization;

namespace SignerCluster.Benchmarks;

/// <summary>A quick second opinion on a shared machine: several blocks of rounds, their medians, and the best of those.</summary>
internal static class PlainLoop
{
    private const int Blocks = 9;

    internal static void Run()
    {
        foreach (string size in CryptoRound.Sizes)
        {
            CryptoRound round = new() { Group = size };
            round.Setup();
            double[] medians = [.. Enumerable.Range(0, Blocks).Select(_ => Median(round)).Order()];
            round.Cleanup();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{size}: best median {medians[0]:F3} ms, middle {medians[Blocks / 2]:F3} ms a signature"));
        }
    }

    private static double Median(CryptoRound round)
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
        return times[times.Count / 2];
    }
}
