using SignerCluster.Chaos.Cluster;
using SignerCluster.Chaos.HostileLinks;
using SignerCluster.Chaos.Scenarios;

namespace SignerCluster.Chaos.FaultInjection;

/// <summary>What the men in the middle of the links do.</summary>
internal sealed class LinkFaults(Deployment deployment)
{
    private IReadOnlyCollection<HostileLink> Links => deployment.HostileLinks.Count > 0
        ? deployment.HostileLinks
        : throw new UsageException("What is done to messages needs cluster.hostile-links = true.");

    /// <summary>Begins to remember what passes.</summary>
    internal Task<Func<Task>?> Record()
    {
        foreach (HostileLink link in Links)
        {
            link.Carried.Record();
        }

        return Task.FromResult<Func<Task>?>(null);
    }

    /// <summary>Delivers everything that was remembered up to now again. Throws <see cref="CannotRunException"/> when there is nothing.</summary>
    internal async Task<Func<Task>?> ReplayAsync(int times, bool alter)
    {
        if (Links.Sum(static link => link.Carried.Recorded) == 0)
        {
            throw new CannotRunException("Nothing was remembered that could be delivered again.");
        }

        for (int round = 0; round < times; round++)
        {
            await Task.WhenAll(Links.Select(link => link.Carried.ReplayAsync(alter)));
        }

        return null;
    }

    /// <summary>Alters, drops, repeats and delays for a while what passes. Throws <see cref="CannotRunException"/> afterwards when nothing was.</summary>
    internal Task<Func<Task>?> Tamper(Arguments with, CancellationToken over)
    {
        Tampering tampering = new(with.Number("alter", 0), with.Number("drop", 0), with.Number("repeat", 0), with.Number("delay", 0));
        Set(tampering);
        return Task.FromResult<Func<Task>?>(async () =>
        {
            await Faults.WhileAsync(with.Duration("for"), over);
            Set(null);
            if (Links.Sum(static link => link.Carried.Tampered) == 0)
            {
                throw new CannotRunException("Nothing passed that could be tampered with.");
            }
        });
    }

    private void Set(Tampering? tampering)
    {
        foreach (HostileLink link in Links)
        {
            link.Carried.Tamper(tampering);
        }
    }
}
