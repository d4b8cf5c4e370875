using SignerCluster.Journal.Providers;
using SignerCluster.Simulator.Checkers;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>An operator's provider of the key-encryption key as one life of a node meets it: now and then down or slow.</summary>
/// <param name="version">Which of the operator's keys it gives.</param>
internal sealed class SimulatedKeyProvider(World world, Operator owner, Incarnation life, Func<int> version) : IKeyProvider
{
    private static readonly TimeSpan _quick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _slow = TimeSpan.FromSeconds(6);

    // The token is looked at and never registered with: the product cancels it from the thread pool, which this world does not have.
    public async ValueTask<KeyEncryptionKey> FetchAsync(CancellationToken cancellation)
    {
        if (TurnWatch.Current is { } turn)
        {
            turn.Fetches++;
        }

        if (world.Faults.Happens(FaultKind.KeyProviderSlow))
        {
            await Task.Delay(world.Faults.Details(FaultKind.KeyProviderSlow).Between(_quick, _slow), life.Time, CancellationToken.None);
        }

        cancellation.ThrowIfCancellationRequested();
        if (world.Faults.Happens(FaultKind.KeyProviderDown))
        {
            world.Trace.Note(life.Name, "key provider is down");
            throw new KeyProviderException("key_unavailable", "The key provider does not answer.", isTransient: true);
        }

        return owner.KeyOf(version());
    }
}
