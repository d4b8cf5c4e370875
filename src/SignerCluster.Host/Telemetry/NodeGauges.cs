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

        void Watch(string name, string unit, string description, Func<KeptJournal, int> look) => _meter.CreateObservableGauge(
            name,
            () => served.Journals.Select(kept => new Measurement<int>(look(kept), new KeyValuePair<string, object?>("party", kept.Name))),
            unit,
            description);
    }

    public void Dispose() => _meter.Dispose();
}
