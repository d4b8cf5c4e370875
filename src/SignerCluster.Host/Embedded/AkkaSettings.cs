using System.Globalization;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Akka.Persistence;

namespace SignerCluster.Host.Embedded;

/// <summary>What an actor system of ours is told: what it rests on first, then <c>hocon/akka.conf</c>, then Akka's own defaults.</summary>
internal static class AkkaSettings
{
    private static readonly string _path = Path.Combine(AppContext.BaseDirectory, "hocon", "akka.conf");

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

    /// <summary>The id of the plugin that a party's entities write through.</summary>
    internal static string JournalOf(string party) => $"signer.journal.{party}";

    /// <summary>The id of the plugin that a party's key ring writes through: appends that wait for a key stand in the other's queue.</summary>
    internal static string RingJournalOf(string party) => $"signer.journal.{party}-ring";

    private static Config Below(string settings, IEnumerable<string> parties)
    {
        string plugins = string.Concat(parties.SelectMany(static party => new[] { (Id: JournalOf(party), party), (Id: RingJournalOf(party), party) }).Select(
            static plugin => string.Create(
                CultureInfo.InvariantCulture,
                $$"""

                {{plugin.Id}} {
                  class = "SignerCluster.Journal.Persistence.SealedWriteJournal, SignerCluster.Journal"
                  party = "{{plugin.party}}"
                }
                """)));
        return ConfigurationFactory.ParseString(settings + plugins)
            .WithFallback(ConfigurationFactory.ParseString(File.ReadAllText(_path)))
            .WithFallback(ClusterSharding.DefaultConfig())
            .WithFallback(ClusterSingleton.DefaultConfig())
            .WithFallback(DistributedData.DefaultConfig())
            .WithFallback(Persistence.DefaultConfig());
    }
}
