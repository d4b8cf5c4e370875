using System.Diagnostics;

namespace SignerCluster.Links.Tests;

/// <summary>Waits for what must become true, and says what did not.</summary>
internal static class Condition
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    internal static Task HoldsAsync(string what, Func<bool> condition) => HoldsAsync(what, () => Task.FromResult(condition()));

    internal static async Task HoldsAsync(string what, Func<Task<bool>> condition)
    {
        var waited = Stopwatch.StartNew();
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(10));
        while (!await condition())
        {
            Assert.True(waited.Elapsed < _limit, $"Not within {_limit.TotalSeconds} s: {what}");
            await look.WaitForNextTickAsync();
        }
    }
}
