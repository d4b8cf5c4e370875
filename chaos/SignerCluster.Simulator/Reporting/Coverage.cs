using SignerCluster.Protocol.Wire;
using SignerCluster.Simulator.Simulated;

namespace SignerCluster.Simulator.Reporting;

/// <summary>How often each transition happened: events that were stored, phases that seats' sessions went through, refusals that seats gave.</summary>
internal sealed class Coverage
{
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);

    /// <summary>The stored names of all events of sessions.</summary>
    internal static IReadOnlyList<string> EventNames { get; } =
        [.. SigningSessionCodec.Events.Contract.Concat(RoastCodec.Events.Contract).Select(static row => row.StoredName)];

    /// <summary>What every run of some length must have seen in a part.</summary>
    internal static IEnumerable<string> ExpectedOf(Part part) => part == Part.Actors ? Expected.Concat(ExpectedOfActors) : Expected;

    private static IReadOnlyList<string> Expected { get; } =
    [
        .. EventNames,
        .. KeyRingCodec.Events.Contract.Select(static row => row.StoredName),
        "seat Absent to Open", "seat Absent to Joined", "seat Open to Joined", "seat Joined to Joined", "seat Joined to Open", "seat Open to Completed",
        "seat Joined to Completed",
        "seat Open to Aborted", "seat Joined to Aborted",
        "seat refused session_not_found", "seat refused session_conflict", "seat refused session_aborted", "seat refused attempt_already_aggregated",
        "seat refused attempt_stale", "seat refused attempt_consumed", "seat refused attempt_not_live", "seat refused attempt_id_mismatch",
        "seat refused nonce_lost",
        "seat refused entity_quarantined", "seat refused consumed_nonce_replay", "seat refused package_mismatch", "seat refused signature_invalid",
    ];

    /// <summary>What only entities do that are actors.</summary>
    private static IReadOnlyList<string> ExpectedOfActors { get; } =
    [
        .. CovenantJobCodec.Events.Contract.Select(static row => row.StoredName),
        "orchestrator refused job_conflict", "orchestrator refused job_quarantined", "orchestrator refused registry_unavailable",
        "orchestrator refused reserve_epoch_mismatch",
    ];

    internal IReadOnlyDictionary<string, long> Counts => _counts;

    internal void Count(string transition) => _counts[transition] = _counts.GetValueOrDefault(transition) + 1;

    internal void Add(Coverage other)
    {
        foreach ((string transition, long count) in other._counts)
        {
            _counts[transition] = _counts.GetValueOrDefault(transition) + count;
        }
    }
}
