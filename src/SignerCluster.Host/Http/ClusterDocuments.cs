namespace SignerCluster.Host.Http;

/// <summary>What one node sees at this moment; others may see something else.</summary>
/// <param name="Node">Its name.</param>
public sealed record ClusterResponse(string Node, IReadOnlyList<RoleResponse> Roles);

/// <summary>One role of the node.</summary>
/// <param name="Role">coordinator or participant.</param>
/// <param name="Address">Where its party's other nodes reach it.</param>
/// <param name="Members">Its party's cluster, the oldest first.</param>
/// <param name="Regions">What it hosts.</param>
/// <param name="Links">To other parties.</param>
public sealed record RoleResponse(
    string Role,
    string Party,
    string Address,
    IReadOnlyList<MemberResponse> Members,
    IReadOnlyList<RegionResponse> Regions,
    IReadOnlyList<LinkResponse> Links,
    IReadOnlyList<CertificateResponse> Certificates);

/// <summary>A member of a party's cluster.</summary>
/// <param name="Status">joining, weaklyup, up, leaving, exiting, down or removed.</param>
/// <param name="Roles">In Akka's sense.</param>
/// <param name="Oldest">It runs what runs once in the cluster.</param>
public sealed record MemberResponse(string Address, string Status, IReadOnlyList<string> Roles, bool Oldest, bool Reachable);

/// <summary>The shards of one region that this node hosts, as of a few seconds ago.</summary>
/// <param name="Entities">That are active in them.</param>
/// <param name="Moves">Shards that came to this node or left it since it started.</param>
public sealed record RegionResponse(string Region, int Shards, int Entities, long Moves);

/// <summary>One link.</summary>
/// <param name="Peer">The other end: the address that is dialled, or party and node of whoever dialled.</param>
/// <param name="Party">The party at the other end; empty before it was met.</param>
/// <param name="Fault">Why it is down, or went down last; left out while nothing went wrong.</param>
public sealed record LinkResponse(string Peer, string Party, bool Up, string? Fault, DateTimeOffset Since);

/// <summary>A certificate that the role depends on.</summary>
/// <param name="Certificate">link: its own; cluster: the one with which it joined its party's cluster, where that is another; peer: another party's.</param>
/// <param name="Peer">Who showed it; left out for its own.</param>
/// <param name="DaysLeft">Below zero once it has expired.</param>
public sealed record CertificateResponse(string Certificate, string? Peer, DateTimeOffset NotAfter, int DaysLeft);
