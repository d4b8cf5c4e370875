using System.Globalization;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Persistence;

namespace SignerCluster.Host.Embedded;

/// <summary>What an actor system of ours is told: what it rests on first, then <c>hocon/akka.conf</c>, then Akka's own defaults.</summary>
internal static class AkkaSettings
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "hocon");

    /// <summary>A system that is a cluster of its own, without a socket.</summary>
    /// <param name="parties">Each gets a journal plugin for its entities, and one for its key ring.</param>
    internal static Config Embedded(IEnumerable<string> parties) => Below(
        """
        akka.remote.enabled-transports = ["akka.remote.none"]
        akka.remote.none {
          transport-class = "SignerCluster.Actors.Links.NoTransport, SignerCluster.Actors"
          applied-adapters = []
        }
        """,
        parties);

    /// <summary>A system that only has key rings, for verbs that sign nothing.</summary>
    internal static Config Local(IEnumerable<string> parties) => Below("akka.actor.provider = local", parties);

    /// <summary>
    /// A system that is one node of its party's cluster, over the network. It starts with a setup of <see cref="Actors.Remoting.PinnedPeers"/> only.
    /// </summary>
    /// <param name="nodes">Where it listens, and under which address the other nodes reach it; port 0 is any that is free.</param>
    /// <param name="overrides">The node's own section <c>akka</c>.</param>
    internal static Config Party(string party, PartyNodesSettings nodes, Config overrides) => Below(
        string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            akka.remote.dot-netty.tcp {
              hostname = "{{nodes.Listen.Address}}"
              port = {{nodes.Listen.Port}}
              public-hostname = "{{nodes.Address.Host}}"
              public-port = {{nodes.Address.Port}}
            }
            """),
        [party],
        overrides,
        Shipped("akka-party.conf"));

    /// <summary>The id of the plugin that a party's entities write through.</summary>
    internal static string JournalOf(string party) => $"signer.journal.{party}";

    /// <summary>The id of the plugin that a party's key ring writes through: appends that wait for a key stand in the other's queue.</summary>
    internal static string RingJournalOf(string party) => $"signer.journal.{party}-ring";

    /// <summary>The id of the plugin that keeps the checkpoints of a party's guardians.</summary>
    internal static string CheckpointsOf(string party) => $"signer.checkpoints.{party}";

    private static Config Below(string settings, IEnumerable<string> parties, params IEnumerable<Config> above)
    {
        string plugins = string.Concat(parties.Select(static party =>
            Plugin(JournalOf(party), nameof(SealedWriteJournal), party)
            + Plugin(RingJournalOf(party), nameof(SealedWriteJournal), party)
            + Plugin(CheckpointsOf(party), nameof(SealedCheckpoints), party)));
        return above.Aggregate(ConfigurationFactory.ParseString(settings + plugins), static (config, next) => config.WithFallback(next))
            .WithFallback(Shipped("akka.conf"))
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(Persistence.DefaultConfig());
    }

    private static string Plugin(string id, string type, string party) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""

        {{id}} {
          class = "SignerCluster.Journal.Persistence.{{type}}, SignerCluster.Journal"
          party = "{{party}}"
        }
        """);

    private static Config Shipped(string name) => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(_folder, name)));
}
