using System.Diagnostics.Metrics;
using SignerCluster.Protocol;

namespace SignerCluster.Actors;

/// <summary>Counts what the entities of this process refuse, by code. Codes are constants of this program, never what somebody sent.</summary>
internal static class RefusalMeter
{
    private static readonly Meter _meter = new("SignerCluster.Actors");

    private static readonly Counter<long> _refusals = _meter.CreateCounter<long>("signer.refusals", "{refusal}", "Commands that an entity refused.");

    internal static void Add(Refusal refusal) => _refusals.Add(1, new KeyValuePair<string, object?>("code", refusal.Code));
}
