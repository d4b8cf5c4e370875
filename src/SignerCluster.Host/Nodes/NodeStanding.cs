using Akka.Cluster;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Nodes;

/// <summary>What this node sees of its parties' clusters, of shards, links and certificates. Disposing ends what looks after them.</summary>
internal sealed class NodeStanding : IAsyncDisposable
{
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<(IRunningRole Role, HostedShards Shards)> _roles;

    internal NodeStanding(string node, IReadOnlyList<IRunningRole> roles, TimeProvider time, ILoggerFactory logs)
    {
        (_node, _time) = (node, time);
        _roles = [.. roles.Select(role => (role, new HostedShards(role.Member.System, logs)))];
        Certificates = new CertificateWatch(
            () => roles.SelectMany(CertificatesOf),
            () => roles.Select(static role => role.Certificates.Fault).OfType<string>(),
            time,
            logs.CreateLogger<CertificateWatch>());
    }

    internal CertificateWatch Certificates { get; }

    internal ClusterResponse Now
    {
        get
        {
            DateTimeOffset now = _time.GetUtcNow();
            return new ClusterResponse(_node, [.. _roles.Select(one => ToResponse(one.Role, one.Shards, now))]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Certificates.DisposeAsync();
        foreach ((_, HostedShards shards) in _roles)
        {
            await shards.DisposeAsync();
        }
    }

    private static RoleResponse ToResponse(IRunningRole role, HostedShards shards, DateTimeOffset now) => new(
        role is CoordinatorRole ? "coordinator" : "participant",
        role.Member.Party,
        PlaceOf(role.Member.Cluster.SelfAddress),
        MembersOf(role.Member.Cluster.State),
        shards.Regions,
        [.. role.Links.Select(static link => new LinkResponse(link.Peer, link.Party, link.IsUp, link.Fault, link.Since))],
        [.. CertificatesOf(role).Select(one => new CertificateResponse(one.Kind, one.Peer, one.Ends, one.DaysLeft(now)))]);

    private static IEnumerable<WatchedCertificate> CertificatesOf(IRunningRole role) =>
        role.Certificates.Own.Concat(role.Certificates.Peers(role.Links, role.ExpiredPeers));

    private static IReadOnlyList<MemberResponse> MembersOf(ClusterEvent.CurrentClusterState state)
    {
        Member[] byAge = [.. state.Members.Order(Member.AgeOrdering)];
        Member? oldest = byAge.FirstOrDefault(static member => member.Status is MemberStatus.Up or MemberStatus.Leaving);
        return
        [
            .. byAge.Select(member => new MemberResponse(
                PlaceOf(member.Address),
                member.Status.ToString().ToLowerInvariant(),
                [.. member.Roles.Where(static role => !role.StartsWith("dc-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)],
                member.Equals(oldest),
                !state.Unreachable.Contains(member))),
        ];
    }

    private static string PlaceOf(Akka.Actor.Address address) => $"{address.Host}:{address.Port}";
}
