using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace SignerCluster.Host.Settings;

/// <summary>The section <c>akka</c> of a node's file: Akka's own settings, all but those that safety rests on.</summary>
internal static class AkkaSection
{
    internal const string Name = "akka";

    private const string Journal = "what was promised to callers is in the node's journal, and must be found there again, all of it";
    private const string Serialization = "no byte that comes in may choose the type that it becomes";
    private const string Trust = "who reaches the node's port must not reach every actor";
    private const string Death = "a node that is taken for dead too early, or never, stops its party's sessions";

    // A key, all below it, and all that would replace it from above.
    private static readonly (string Key, string Reason)[] _fixed =
    [
        ("akka.actor.provider", "the node's wiring rests on it"),
        ("akka.actor.serializers", Serialization),
        ("akka.actor.serialization-bindings", Serialization),
        ("akka.actor.serialization-identifiers", Serialization),
        ("akka.actor.serialization-settings", Serialization),
        ("akka.cluster.downing-provider-class", Death),
        ("akka.cluster.failure-detector.implementation-class", Death),
        ("akka.persistence.journal", Journal),
        ("akka.persistence.journal-plugin-fallback", Journal),
        ("akka.persistence.snapshot-store", Journal),
        ("akka.persistence.snapshot-store-plugin-fallback", Journal),
        ("akka.cluster.sharding.journal-plugin-id", Journal),
        ("akka.extensions", "an extension is code, and code comes with the program"),
        ("akka.remote.dot-netty.tcp.enable-ssl", Trust),
        ("akka.remote.dot-netty.tcp.ssl", Trust),
        ("akka.remote.dot-netty.tcp.transport-class", Trust),
        ("akka.remote.enabled-transports", Trust),
        ("akka.remote.trusted-selection-paths", Trust),
        ("akka.remote.untrusted-mode", Trust),
    ];

    // Wherever they stand: plugins and transports have sections of any name.
    private static readonly (string Key, string Reason)[] _fixedAnywhere = [("replay-filter", Journal), ("untrusted-mode", Trust)];

    /// <summary>Gives what may be laid over the node's own settings of Akka; notes an error for every key that may not.</summary>
    internal static Config Read(SettingsReading reading)
    {
        reading.Note(Name);
        foreach ((string key, HoconValue value) in reading.Own.Leaves().Where(static leaf => IsWithin(leaf.Key, Name)))
        {
            if (ReasonAgainst(key, value) is { } reason)
            {
                reading.Add(key, $"may not be set: {reason}.");
            }
        }

        return reading.Own.Values.Items.TryGetValue(Name, out HoconValue? section) ? section.AtKey(Name) : Config.Empty;
    }

    private static string? ReasonAgainst(string key, HoconValue value) =>
        _fixed.FirstOrDefault(rule => IsWithin(key, rule.Key) || (!value.IsObject() && IsWithin(rule.Key, key))).Reason
        ?? _fixedAnywhere.FirstOrDefault(rule => key.Split('.').Contains(rule.Key)).Reason;

    private static bool IsWithin(string key, string section) => key == section || key.StartsWith($"{section}.", StringComparison.Ordinal);
}
