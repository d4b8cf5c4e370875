namespace SignerCluster.Host.Verbs.Bench;

/// <summary>Measures two plans in one process, in turns, so that a busy machine is as busy for both.</summary>
internal static class Comparison
{
    /// <summary>Rounds of each; the order of the two changes from round to round.</summary>
    internal const int Rounds = 3;

    internal static async Task<CompareDocument> RunAsync(string folder, BenchPlan plain, BenchPlan compared, string what, CancellationToken cancellation)
    {
        List<BenchDocument> without = [];
        List<BenchDocument> with = [];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (bool isCompared in round % 2 == 0 ? (bool[])[false, true] : [true, false])
            {
                string data = Path.Combine(folder, $"{round}-{isCompared}");
                BenchDocument measured = await new ClusterBench(data, isCompared ? compared : plain).RunAsync(cancellation);
                (isCompared ? with : without).Add(measured);
                Directory.Delete(data, recursive: true);
            }
        }

        double ratio = Median(with) / Median(without);
        return new CompareDocument(what, Math.Round(ratio, 3), Median(without), Median(with), without, with);
    }

    private static double Median(List<BenchDocument> rounds) =>
        ClusterBench.Percentile([.. rounds.Select(static round => round.SignaturesPerSecond).Order()], 0.50);
}
