using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Nodes;

/// <summary>Which shards of its party's regions this node hosts, looked at every few seconds. Disposing ends that.</summary>
internal sealed class HostedShards : IAsyncDisposable
{
    private static readonly TimeSpan _pace = TimeSpan.FromSeconds(2);
    private readonly ActorSystem _system;
    private readonly Chore _chore;
    private volatile ImmutableSortedDictionary<string, Region> _regions = ImmutableSortedDictionary<string, Region>.Empty;

    internal HostedShards(ActorSystem system, ILoggerFactory logs)
    {
        _system = system;
        _chore = Chore.Start("hosted shards", _pace, LookAsync, logs);
    }

    internal IReadOnlyList<RegionResponse> Regions =>
        [.. _regions.Select(static one => new RegionResponse(one.Key, one.Value.Shards.Count, one.Value.Entities, one.Value.Moves))];

    public ValueTask DisposeAsync() => _chore.DisposeAsync();

    private async Task LookAsync(CancellationToken cancellation)
    {
        ClusterSharding sharding = ClusterSharding.Get(_system);
        foreach (string name in sharding.ShardTypeNames)
        {
            try
            {
                ShardRegionStats stats = await sharding.ShardRegion(name).Ask<ShardRegionStats>(GetShardRegionStats.Instance, _pace, cancellation);
                _regions = _regions.SetItem(name, Region.After(_regions.GetValueOrDefault(name), stats));
            }
            catch (AskTimeoutException)
            {
                // A region that starts or ends does not answer.
            }
        }
    }

    private sealed record Region(ImmutableHashSet<string> Shards, int Entities, long Moves)
    {
        /// <summary>What came and what went since the look before; the first shards that a node gets came too.</summary>
        internal static Region After(Region? before, ShardRegionStats stats)
        {
            ImmutableHashSet<string> shards = [.. stats.Stats.Keys, .. stats.Failed];
            int moved = before is null ? shards.Count : shards.SymmetricExcept(before.Shards).Count;
            return new Region(shards, stats.Stats.Values.Sum(), (before?.Moves ?? 0) + moved);
        }
    }
}
