using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using SignerCluster.Protocol.Durability;
using SignerCluster.Protocol.RoastCoordinator;
using SignerCluster.Protocol.Wire;

namespace SignerCluster.Journal.Keys;

/// <summary>
/// The instruments of the journal. What a session comes to is counted by the events that have become durable, so nothing is counted that a crash may undo,
/// and nothing twice. Tags are of closed sets and name no session.
/// </summary>
internal static class JournalMeter
{
    internal const string Succeeded = "ok";
    internal const string Unreadable = "unreadable";
    internal const string Failed = "failed";

    private static readonly Meter _meter = new("SignerCluster.Journal");

    // Seconds: from what a warm disk needs to what a caller will not wait for.
    private static readonly InstrumentAdvice<double> _latencies =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };

    private static readonly Histogram<double> _appends = _meter.CreateHistogram(
        "signer.persist.duration", "s", "From an entity's decision to its durable outcome, with sealing and the wait for a common commit.", null, _latencies);

    private static readonly Histogram<double> _reads = _meter.CreateHistogram(
        "signer.recovery.duration", "s", "Reading and opening an entity's history, to recover it or to show it.", null, _latencies);

    private static readonly FrozenDictionary<string, Counter<long>> _facts = new Dictionary<Type, Counter<long>>
    {
        [typeof(RoastEvent.SigningRequested)] = Count("signer.sessions", "{session}", "Sessions accepted."),
        [typeof(RoastEvent.AttemptProposed)] = Count("signer.attempts", "{attempt}", "Attempts started."),
        [typeof(RoastEvent.SessionCompleted)] = Count("signer.signatures", "{signature}", "Sessions that ended with a signature."),
        [typeof(RoastEvent.SessionFailed)] = Count("signer.sessions.failed", "{session}", "Sessions that ended without a signature."),
        [typeof(RoastEvent.SeatConvicted)] = Count("signer.seats.convicted", "{seat}", "Seats convicted of a bad share, each with a certificate."),
        [typeof(RoastEvent.SeatWithdrew)] = Count("signer.seats.withdrawn", "{seat}", "Times that a seat dropped out of an attempt."),
    }.ToFrozenDictionary(static fact => RoastCodec.Events.Contract.Single(row => row.Event == fact.Key).StoredName, static fact => fact.Value);

    internal static void Appended(JournalAppend append, AppendOutcome outcome, TimeSpan took)
    {
        _appends.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", NameOf(outcome)));
        if (outcome is not AppendOutcome.Appended)
        {
            return;
        }

        foreach (JournalEntry entry in append.Entries)
        {
            if (_facts.TryGetValue(entry.Manifest, out Counter<long>? fact))
            {
                fact.Add(1);
            }
        }
    }

    internal static void Read(string outcome, TimeSpan took) =>
        _reads.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    private static string NameOf(AppendOutcome outcome) => outcome switch
    {
        AppendOutcome.Appended => Succeeded,
        AppendOutcome.Conflict => "conflict",
        AppendOutcome.Unknown => "unknown",
        _ => "not_written",
    };

    private static Counter<long> Count(string name, string unit, string description) => _meter.CreateCounter<long>(name, unit, description);
}
