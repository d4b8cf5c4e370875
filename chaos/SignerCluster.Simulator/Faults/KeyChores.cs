using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol.Durability;
using SignerCluster.Simulator.Kernel;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Faults;

/// <summary>
/// What operators do with keys at moments that suit nobody: rotate, put the ring under another key-encryption key, re-seal everything at once.
/// </summary>
internal sealed class KeyChores(World world)
{
    private readonly Choices _choices = Choices.For(world.Seed, "key chores");

    internal void AfterStep()
    {
        if (world.Faults.Wants(FaultKind.KeyRotated))
        {
            Do(FaultKind.KeyRotated, async (keys, _) => await keys.RotateAsync(CancellationToken.None));
        }

        if (world.Faults.Wants(FaultKind.KeyRewrapped))
        {
            Do(FaultKind.KeyRewrapped, RewrapAsync);
        }

        if (world.Faults.Wants(FaultKind.RowsResealed))
        {
            Do(FaultKind.RowsResealed, async (keys, _) => await keys.ResealAsync(null, CancellationToken.None));
        }
    }

    /// <summary>Every operator looks what its ring is under and gives its provider that key: a re-wrap may have got through whose end nobody saw.</summary>
    internal void SetProvidersRight()
    {
        foreach (Operator owner in world.Operators.Append(world.Coordination))
        {
            owner.KeyVersion = owner.RingKeyVersion;
        }
    }

    private void Do(FaultKind chore, Func<KeyKeeper, Node, Task> work)
    {
        Node node = _choices.Pick(world.Nodes);
        if (node is { IsUp: true, Keys: { } keys })
        {
            world.Faults.Count(chore);
            world.Trace.Note(node.Name, "chore", chore);
            world.Spawn(node.Life, () => TryAsync(() => work(keys, node)));
        }
    }

    /// <summary>
    /// The operator changes the provider's settings of all nodes once the ring is under the new key; one operator does one of these at a time.
    /// </summary>
    private async Task RewrapAsync(KeyKeeper keys, Node node)
    {
        Operator owner = node.Owner;
        if (owner.Rewrapping is { IsAlive: true })
        {
            return;
        }

        owner.Rewrapping = node.Life;
        try
        {
            int next = owner.KeyVersion + 1;
            // Lives on in this node, and follows what the operator does later.
            SimulatedKeyProvider provider = new(world, owner, node.Life, () => Math.Max(next, owner.KeyVersion));
            await keys.RewrapAsync(provider, CancellationToken.None);
            owner.KeyVersion = next;
        }
        finally
        {
            owner.Rewrapping = null;
        }
    }

    /// <summary>A chore may meet a provider or a disk that is down; then it is done another time.</summary>
    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception fault) when (fault is KeyProviderException or JournalException)
        {
            world.Trace.Note("operator", "chore failed", fault);
        }
    }
}
