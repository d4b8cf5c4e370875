using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SignerCluster.Actors;
using SignerCluster.Journal;
using SignerCluster.Journal.Documents;
using SignerCluster.Journal.Keys;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;

namespace SignerCluster.Conformance;

/// <summary>Opens keepers of keys for tests.</summary>
public static class SealedStores
{
    public static Quarantine NoQuarantine => new(NullLogger<Quarantine>.Instance);

    /// <summary>A keeper over a store, with background work on a clock that only moves when it is told to.</summary>
    public static Task<KeyKeeper> OpenAsync(
        IJournalStore store,
        IKeyProvider? provider = null,
        KeyKeeperSettings? settings = null,
        TimeProvider? time = null,
        Entropy? entropy = null,
        SeatFiles? seats = null) =>
        KeyKeeper.OpenAsync(Parts(store, provider, settings, time, entropy, seats));

    public static KeyKeeperParts Parts(
        IJournalStore store,
        IKeyProvider? provider = null,
        KeyKeeperSettings? settings = null,
        TimeProvider? time = null,
        Entropy? entropy = null,
        SeatFiles? seats = null) => new(
            store,
            new PlainRing(store),
            seats,
            provider ?? new FakeKeyProvider(),
            settings ?? new KeyKeeperSettings(),
            entropy ?? RandomNumberGenerator.Fill,
            time ?? new ManualTime(),
            NullLoggerFactory.Instance);
}
