namespace SignerCluster.Actors.Tests.Remoting;

/// <summary>Waits for what other threads and processes bring about.</summary>
internal static class Eventually
{
    internal static async Task IsTrueAsync(Func<bool> condition, TimeSpan limit, Func<string> otherwise)
    {
        using PeriodicTimer again = new(TimeSpan.FromMilliseconds(20));
        using CancellationTokenSource late = new(limit);
        while (!condition())
        {
            try
            {
                await again.WaitForNextTickAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(otherwise());
            }
        }
    }
}
