using Akka.Configuration;

namespace SignerCluster.Host.Tests.Settings;

/// <summary>What a node's file may say about Akka's own settings, and what stops the start.</summary>
public sealed class AkkaSectionTests : IDisposable
{
    private const string Node =
        """
        node { name = alice-1, roles = [participant], roster-file = roster.json }
        participant {
          party = alice, identity-file = i, keys.provider.path = k, links.coordinators = "c.example:7440"
          database { host = localhost, name = alice, user = alice, password-file = d }
          tls { certificate-file = c, key-file = k }
        }

        """;

    private readonly SettingsFolder _folder = new();

    [Fact]
    public void What_is_set_below_akka_is_handed_on_and_lies_above_other_settings()
    {
        _folder.Environment["PORT"] = "4053";
        const string Akka = "akka { loglevel = DEBUG, remote.port = ${PORT} }\nakka.cluster.seed-nodes = [\"akka.tcp://a@h:1\"], akka.actor { }";
        Config below = ConfigurationFactory.ParseString("akka { loglevel = INFO, actor.provider = cluster }");
        Config inForce = _folder.Node(Node + Akka).AkkaOverrides.WithFallback(below);
        Assert.Equal(("DEBUG", "cluster"), (inForce.GetString("akka.loglevel"), inForce.GetString("akka.actor.provider")));
        Assert.Equal(4053, inForce.GetInt("akka.remote.port"));
        Assert.Equal(["akka.tcp://a@h:1"], inForce.GetStringList("akka.cluster.seed-nodes"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("akka { }")]
    public void Without_overrides_what_lies_below_is_in_force(string akka)
    {
        Config inForce = _folder.Node(Node + akka).AkkaOverrides.WithFallback(ConfigurationFactory.ParseString("akka.loglevel = INFO"));
        Assert.Equal("INFO", inForce.GetString("akka.loglevel"));
    }

    [Theory]
    [InlineData("akka.persistence.journal.plugin = \"akka.persistence.journal.inmem\"", "akka.persistence.journal.plugin", "what was promised")]
    [InlineData("akka { persistence { journal.sql { replay-filter.mode = off } } }", "akka.persistence.journal.sql.replay-filter.mode", "what was promised")]
    [InlineData("akka.persistence.journal-plugin-fallback.replay-filter = 1s", "akka.persistence.journal-plugin-fallback.replay-filter", "promised")]
    [InlineData("akka.mine.replay-filter { mode = off }", "akka.mine.replay-filter.mode", "what was promised")]
    [InlineData("akka.persistence.snapshot-store.plugin = x", "akka.persistence.snapshot-store.plugin", "what was promised")]
    [InlineData("akka.persistence.snapshot-store-plugin-fallback.class = x", "akka.persistence.snapshot-store-plugin-fallback.class", "what was promised")]
    [InlineData("akka.actor.serializers.json = \"X\"", "akka.actor.serializers.json", "may choose the type")]
    [InlineData("akka.\"actor\".serialization-bindings { \"A.B\" = json }", "akka.actor.serialization-bindings.\"A.B\"", "may choose the type")]
    [InlineData("akka.actor.serialization-identifiers { \"X, Y\" = 7 }", "akka.actor.serialization-identifiers.\"X, Y\"", "may choose the type")]
    [InlineData("akka.actor.serialization-settings.primitive = on", "akka.actor.serialization-settings.primitive", "the type")]
    [InlineData("akka.actor.provider = local", "akka.actor.provider", "the node's wiring")]
    [InlineData("akka.remote.untrusted-mode = off", "akka.remote.untrusted-mode", "every actor")]
    [InlineData("akka.remote.dot-netty.tcp.untrusted-mode = off", "akka.remote.dot-netty.tcp.untrusted-mode", "every actor")]
    [InlineData("akka.cluster.downing-provider-class = \"\"", "akka.cluster.downing-provider-class", "taken for dead")]
    [InlineData("akka.cluster.failure-detector.implementation-class = x", "akka.cluster.failure-detector.implementation-class", "taken for dead")]
    [InlineData("akka.actor = null", "akka.actor", "the node's wiring")]
    [InlineData("akka.persistence = []", "akka.persistence", "what was promised")]
    [InlineData("akka = off", "akka", "the node's wiring")]
    public void What_safety_rests_on_stops_the_start_with_file_line_key_and_reason(string akka, string key, string reason)
    {
        string refusal = _folder.NodeRefusal(Node + akka);
        Assert.StartsWith($"node.conf:7: {key}: may not be set: ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
    }

    public void Dispose() => _folder.Dispose();
}
