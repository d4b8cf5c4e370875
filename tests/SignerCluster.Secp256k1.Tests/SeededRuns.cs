using System.Globalization;
using System.Numerics;

namespace SignerCluster.Secp256k1.Tests;

/// <summary>Runs a property under fresh seeds and names the seed that broke it. Set the variable SIGNER_TEST_SEED to that seed to run it again.</summary>
internal static class SeededRuns
{
    internal static void ForEach(int count, Action<Random> property)
    {
        bool isReplay = int.TryParse(Environment.GetEnvironmentVariable("SIGNER_TEST_SEED"), CultureInfo.InvariantCulture, out int replayed);
        for (int run = 0; run < (isReplay ? 1 : count); run++)
        {
            int seed = isReplay ? replayed : Random.Shared.Next();
            Exception? failure = Record.Exception(() => property(new Random(seed)));
            Assert.True(failure is null, $"Seed {seed}: {failure}");
        }
    }

    internal static byte[] NextBytes(this Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Uniform in 0..n-1.</summary>
    internal static BigInteger NextInteger(this Random random) => CurveTwin.Mod(CurveTwin.Int(random.NextBytes(40)), CurveTwin.N);
}
