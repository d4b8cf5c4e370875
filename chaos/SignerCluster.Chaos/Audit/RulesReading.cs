using System.Text.Json;

namespace SignerCluster.Chaos.Audit;

/// <summary>A guardian's rules as its records tell them.</summary>
internal sealed record RulesReading(IReadOnlyList<WindowReading> Windows, ulong MaximumAge, ulong MaximumSkew, ulong LooseningDelay)
{
    internal static RulesReading Read(JsonElement rules) => new(
        [
            .. rules.GetProperty("windows").EnumerateArray().Select(static window => new WindowReading(
                window.GetProperty("name").GetString()!, window.GetProperty("capacity").GetUInt64(), window.GetProperty("refillPerSecond").GetUInt64())),
        ],
        rules.GetProperty("maximumAge").GetUInt64(),
        rules.GetProperty("maximumSkew").GetUInt64(),
        rules.GetProperty("looseningDelay").GetUInt64());

    /// <summary>What a record's hash binds of them.</summary>
    internal IEnumerable<byte[]> Frames() =>
    [
        RecordReading.Number(MaximumAge), RecordReading.Number(MaximumSkew), RecordReading.Number(LooseningDelay), RecordReading.Count(Windows.Count),
        .. Windows.SelectMany(static window => (byte[][])
        [
            RecordReading.Text(window.Name), RecordReading.Number(window.Capacity), RecordReading.Number(window.RefillPerSecond),
        ]),
    ];

    /// <summary>Do they allow anything that others do not?</summary>
    internal bool AllowMoreThan(RulesReading others) =>
        MaximumAge > others.MaximumAge || MaximumSkew > others.MaximumSkew || LooseningDelay < others.LooseningDelay
        || others.Windows.Any(window => !Windows.Any(own =>
            own.Name == window.Name && own.Capacity <= window.Capacity && own.RefillPerSecond <= window.RefillPerSecond));

    internal bool AreThoseOf(RulesReading others) =>
        Windows.SequenceEqual(others.Windows)
        && (MaximumAge, MaximumSkew, LooseningDelay) == (others.MaximumAge, others.MaximumSkew, others.LooseningDelay);
}

/// <summary>One token bucket.</summary>
internal sealed record WindowReading(string Name, ulong Capacity, ulong RefillPerSecond);
