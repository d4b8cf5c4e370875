using System.Diagnostics.Metrics;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Telemetry;

/// <summary>What a node holds at the moment when somebody asks. A party is one of those that the process runs.</summary>
internal sealed class NodeGauges : IDisposable
{
    private readonly Meter _meter = new("SignerCluster.Host.Node");

    internal NodeGauges(ServedNode served)
    {
        _meter.CreateObservableGauge(
            "signer.nonces.held", () => served.NoncesHeld(), "{nonce}", "Secret nonces in memory, each for one open session of a seat.");
        Watch(
            "signer.quarantined.entities", "{entity}", "Entities met so far whose histories cannot be trusted.", static kept => kept.Quarantine.Entities.Count);
        Watch("signer.keys.epoch", "{epoch}", "Epoch of the data key that new rows are sealed under.", static kept => kept.Keeper.Keys.Active?.Epoch ?? 0);
        Watch(
            "signer.keys.open", "{key}", "Data keys in memory; more than one while rows under an earlier one are left.", static kept => kept.Keeper.Keys.Count);
        if (served.Standing is { } standing)
        {
            WatchCluster(standing);
        }

        void Watch(string name, string unit, string description, Func<KeptJournal, int> look) => _meter.CreateObservableGauge(
            name,
            () => served.Journals.Select(kept => new Measurement<int>(look(kept), new KeyValuePair<string, object?>("party", kept.Name))),
            unit,
            description);
    }

    public void Dispose() => _meter.Dispose();

    private void WatchCluster(Func<ClusterResponse> standing)
    {
        _meter.CreateObservableGauge(
            "signer.links.up",
            () => Measure(standing, static role => role.Links, static link => link.Up ? 1 : 0, static link => [("peer", link.Peer)]),
            "{link}",
            "1 for a link to another party that is up, 0 for one that is down.");
        _meter.CreateObservableGauge(
            "signer.cluster.members",
            () => Measure(
                standing, static role => role.Members.CountBy(static member => member.Status), static one => one.Value, static one => [("status", one.Key)]),
            "{member}",
            "Nodes in the party's cluster, as this node sees them.");
        WatchRegions("signer.shards.hosted", "{shard}", "Shards that this node hosts.", static region => region.Shards);
        WatchRegions("signer.entities.active", "{entity}", "Entities that are active on this node.", static region => region.Entities);
        _meter.CreateObservableCounter(
            "signer.shards.moved",
            () => Measure(standing, static role => role.Regions, static region => region.Moves, static region => [("region", region.Region)]),
            "{shard}",
            "Shards that came to this node or left it.");
        _meter.CreateObservableGauge(
            "signer.certificate.days_left",
            () => Measure(
                standing,
                static role => role.Certificates,
                static one => one.DaysLeft,
                static one => [("certificate", one.Certificate), ("peer", one.Peer ?? string.Empty)]),
            "{day}",
            "Whole days until a certificate ends; below zero once it has expired.");

        void WatchRegions(string name, string unit, string description, Func<RegionResponse, int> look) => _meter.CreateObservableGauge(
            name, () => Measure(standing, static role => role.Regions, look, static region => [("region", region.Region)]), unit, description);
    }

    /// <summary>One figure for each of what the roles have, under the role's party and what tells them apart.</summary>
    private static IEnumerable<Measurement<TFigure>> Measure<T, TFigure>(
        Func<ClusterResponse> standing, Func<RoleResponse, IEnumerable<T>> of, Func<T, TFigure> figure, Func<T, (string Name, string Value)[]> tags)
        where TFigure : struct => standing().Roles.SelectMany(role => of(role).Select(one => new Measurement<TFigure>(
        figure(one),
        [
            new KeyValuePair<string, object?>("party", role.Party), .. tags(one).Select(static tag => new KeyValuePair<string, object?>(tag.Name, tag.Value)),
        ])));
}
