using System.Diagnostics.Metrics;

namespace SignerCluster.Host.Telemetry;

/// <summary>Counts the errors that the HTTP API answers, by code. Codes are constants of this program.</summary>
internal static class HttpMeter
{
    private static readonly Meter _meter = new("SignerCluster.Host");

    private static readonly Counter<long> _refusals =
        _meter.CreateCounter<long>("signer.http.refusals", "{refusal}", "Requests that were answered with an error.");

    internal static void Refused(string code) => _refusals.Add(1, new KeyValuePair<string, object?>("code", code));
}
