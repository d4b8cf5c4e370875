namespace SignerCluster.Workbench.Bench;

/// <summary>Measures two plans in one process, in turns, so that a busy machine is as busy for both.</summary>
internal static class Comparison
{
    /// <summary>Rounds of each; the order of the two changes from round to round.</summary>
    internal const int Rounds = 3;

    internal static async Task<CompareDocument> RunAsync(string folder, BenchPlan plain, BenchPlan compared, string what, CancellationToken cancellation)
    {
        List<BenchDocument> without = [];
        List<BenchDocument> with = [];
        // What is compiled for speed by the first round would otherwise count for whichever plan comes later.
        _ = await MeasureAsync(Path.Combine(folder, "warm"), compared, cancellation);
        for (int round = 0; round < Rounds; round++)
        {
            foreach (bool isCompared in round % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                BenchDocument measured = await MeasureAsync(Path.Combine(folder, $"{round}-{isCompared}"), isCompared ? compared : plain, cancellation);
                (isCompared ? with : without).Add(measured);
            }
        }

        double ratio = Median(with) / Median(without);
        return new CompareDocument(what, Math.Round(ratio, 3), Median(without), Median(with), without, with);
    }

    private static async Task<BenchDocument> MeasureAsync(string data, BenchPlan plan, CancellationToken cancellation)
    {
        BenchDocument measured = await new ClusterBench(data, plan).RunAsync(cancellation);
        Directory.Delete(data, recursive: true);
        return measured;
    }

    private static double Median(List<BenchDocument> rounds) =>
        ClusterBench.Percentile([.. rounds.Select(static round => round.SignaturesPerSecond).Order()], 0.50);
}
