using System.Net;
using Akka.Configuration.Hocon;
using Microsoft.Extensions.Logging;
using SignerCluster.Bitcoin.Psbts;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Providers;

namespace SignerCluster.Host.Tests.Settings;

public sealed class NodeSettingsTests : IDisposable
{
    private const string Role =
        """
        party = alice, identity-file = secrets/identity.key
        database { host = localhost, name = alice, user = alice, password-file = /run/secrets/d }
        tls { certificate-file = node.pem, key-file = /run/secrets/node.key }
        keys.provider.path = k
        """;

    private const string Coordinators = "links.coordinators = [\"one.example:7440\", \"two.example:7440\"]";

    private const string Participant =
        $"node {{ name = alice-1, roles = [participant], roster-file = roster.json }}\nparticipant {{ {Role}, {Coordinators} }}\n";
    private readonly SettingsFolder _folder = new();

    [Fact]
    public void A_node_is_what_its_file_says_over_the_reference()
    {
        NodeSettings node = _folder.Node(Participant + "http.listen = \"[::1]:0\", participant.links { keepalive = 1m, maximum-frame = 64KiB }");
        Assert.Equal(("alice-1", Profile.Production, LogLevel.Information), (node.Name, node.Profile, node.LogLevel));
        Assert.Equal([NodeRole.Participant], node.Roles);
        Assert.Null(node.Coordinator);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 0), node.Http.Listen);
        Assert.Equal(256, node.Http.Limits.Connections);
        ParticipantRoleSettings role = node.Participant!;
        Assert.Equal(
            (TimeSpan.FromMinutes(1), 65_536, 1024, TimeSpan.FromSeconds(2)),
            (role.Links.Limits.Keepalive, role.Links.Limits.MaximumFrameBytes, role.Links.Limits.Window, role.Links.AnswerTimeout));
        Assert.Equal([new DnsEndPoint("one.example", 7440), new DnsEndPoint("two.example", 7440)], role.Coordinators);
        Assert.Equal((_folder.PathOf("node.pem"), "/run/secrets/node.key"), (role.Tls.CertificateFile, role.Tls.KeyFile));
        Assert.Equal((TimeSpan.FromMinutes(10), 100_000), (role.Nonces.ExpireAfter, role.Nonces.Capacity));
        Assert.Equal((KeyProviderKind.File, _folder.PathOf("k")), (role.Provider.Kind, role.Provider.Path));
        Assert.Equal(1L << 32, role.Keys.MessagesPerKey);
        Assert.False(role.Policy.AllowRaw || role.Policy.AllowPartialSighash);
        Assert.Equal(PaymentLimits.Default, role.Policy.PaymentLimits);
    }

    [Fact]
    public void The_file_of_the_policies_is_read_with_the_configuration()
    {
        Assert.Null(_folder.Node(Participant).Participant!.PolicyFile);
        string path = _folder.Write("policy.json", """{"version":1,"network":"regtest","groups":{}}""");
        Assert.Equal(path, _folder.Node(Participant + "participant.policy.file = policy.json").Participant!.PolicyFile);
        _folder.Write("policy.json", """{"version":2,"network":"regtest","groups":{}}""");
        Assert.Contains(
            "node.conf:6: participant.policy.file: names a file that cannot be used. policy.json is not a policy: $.version: it is 2, not 1.",
            _folder.NodeRefusal(Participant + "participant.policy.file = policy.json"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_relative_path_starts_at_the_folder_of_the_file_that_names_it()
    {
        _folder.Write("sub/role.conf", Role);
        NodeSettings node = _folder.Node(
            "node { name = a, roles = [participant], roster-file = ../roster.json }, participant { include required(\"sub/role.conf\") }\nparticipant."
            + Coordinators);
        Assert.Equal(_folder.PathOf("sub/secrets/identity.key"), node.Participant!.IdentityFile);
        Assert.Equal(Path.GetFullPath(_folder.PathOf("../roster.json")), node.RosterFile);
    }

    [Fact]
    public void A_node_may_have_both_roles_with_a_party_and_limits_for_each()
    {
        string both = $"{Participant}node.roles = [participant, coordinator]\ncoordinator {{ {Role} }}\ncoordinator.waker.period = 1s\n";
        Assert.Contains("coordinator.party: is that of the participant too", _folder.NodeRefusal(both), StringComparison.Ordinal);
        NodeSettings node = _folder.Node(both + "coordinator.party = c, coordinator.sessions.expire-after = 2h");
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromHours(24)), (node.Coordinator!.SessionExpiry, node.Participant!.SessionExpiry));
        Assert.Equal((TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)), (node.Coordinator.Waker.Period, node.Participant.Waker.Period));
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 7440), node.Coordinator.LinkListen);
        Assert.Equal(TimeSpan.FromMilliseconds(20), node.Coordinator.Seats.FirstPause);
    }

    [Theory]
    [InlineData("127.0.0.1", "auto", false)]
    [InlineData("localhost", "auto", false)]
    [InlineData("::1", "auto", false)]
    [InlineData("10.0.0.1", "auto", true)]
    [InlineData("localhost.example", "auto", true)]
    [InlineData("localhost", "verify", true)]
    [InlineData("localhost", "off", false)]
    public void A_database_that_is_not_on_this_machine_is_reached_by_tls(string host, string tls, bool usesTls)
    {
        NodeSettings node = _folder.Node($"{Participant}participant.database {{ host = \"{host}\", tls = {tls} }}");
        Assert.Equal(usesTls, node.Participant!.Database.UsesTls);
    }

    [Theory]
    [InlineData("participant.database { tls = off, host = d.example }", "node.conf:6: participant.database.tls: may be off only for a server on loopback")]
    [InlineData("node.profile = development, participant.database { tls = off, host = d.example }", "database.tls: may be off only for a server on loopback")]
    [InlineData("http.listen = \"0.0.0.0:80\"", "http.token-file: is required, because 0.0.0.0:80 can be reached")]
    [InlineData("http.listen = \"localhost\"", "node.conf:6: http.listen: must be an address to listen on")]
    [InlineData("participant.keys.provider { kind = env, path = null, variable = X }", "participant.keys.provider.kind: env is refused")]
    [InlineData("participant.keys.provider.variable = X", "participant.keys.provider.variable: is of no use to the kind file")]
    [InlineData("participant.keys.provider { kind = command, path = null, arguments = [fetch] }", "must begin with the absolute path")]
    [InlineData("participant.keys.messages-per-key = 5", "must not be less than messages-per-reservation")]
    [InlineData("participant.links.message-lifetime = 1s", "must not be shorter than answer-timeout")]
    [InlineData("participant.links.gather-time = 250ms", "participant.links.gather-time: must not be longer than a tenth of answer-timeout")]
    [InlineData("participant.links.gather-time = 2s", "participant.links.gather-time: must be a duration in ")]
    [InlineData("participant.database.port = 0", "node.conf:6: participant.database.port: must be a whole number in 1..65535, not '0'.")]
    [InlineData("participant.database.port = [1]", "participant.database.port: must be a whole number in 1..65535, not a list.")]
    [InlineData("participant.links.keepalive = 10", "must be a duration in 1s..1m, such as 250ms, 2s, 10m, 1h or 1d, not '10'.")]
    [InlineData("participant.links.keepalive = 2m", "must be a duration in 1s..1m")]
    [InlineData("participant.links.maximum-frame = 4MB", "must be a size in 64KiB..64MiB")]
    [InlineData("participant.links = 1", "node.conf:6: participant.links: must be an object, not '1'.")]
    [InlineData("participant.signing.allow-raw = yes", "must be true or false, not 'yes'.")]
    [InlineData("participant.party = null", "node.conf:6: participant.party: is required and not set")]
    [InlineData("participant.party = Alice", "participant.party: must be 1..32 of a-z 0-9 -")]
    [InlineData("participant.database.host = \"a:5\"", "must be a host name or an IP address, without a port")]
    [InlineData("node.roles = []", "node.roles: must be a list of at least one of participant, coordinator, none twice.")]
    [InlineData("node.roles = [participant, participant]", "none twice")]
    [InlineData("node.roles = [Participant]", "none twice")]
    [InlineData("node.profile = test", "node.profile: must be production or development, not 'test'.")]
    [InlineData("log.level = loud", "log.level: must be trace, debug, information")]
    [InlineData("participant.databse.port = 1", "node.conf:6: participant.databse: no such key. Did you mean participant.database?")]
    [InlineData("participant.links.kepalive = 1s", "participant.links.kepalive: no such key. Did you mean participant.links.keepalive?")]
    [InlineData("node.colour = red", "node.colour: no such key. Known here: name, roles, roster-file, profile.")]
    [InlineData("participant.seats.first-pause = 1s", "participant.seats: no such key.")]
    [InlineData("participant.links.listen = \"127.0.0.1:7440\"", "node.conf:6: participant.links.listen: no such key.")]
    [InlineData("participant.tls.key-file = null", "participant.tls.key-file: is required and not set; it must be the path of a file.")]
    [InlineData("participant.links.window = 0", "participant.links.window: must be a whole number in 1..65536, not '0'.")]
    [InlineData("participant.links.keepalive-timeout = 500ms", "participant.links.keepalive-timeout: must be a duration in 1s..1m")]
    [InlineData("participant.policy.file = absent.json", "participant.policy.file: names a file that cannot be used. ")]
    [InlineData("participant.policy.file = [a]", "participant.policy.file: must be the path of a file, not a list.")]
    [InlineData("participant.waker.page-length = 0", "participant.waker.page-length: must be a whole number in 1..10000, not '0'.")]
    [InlineData("coordinator.party = c", "node.conf:6: coordinator.party: is for the role coordinator, which node.roles does not have")]
    [InlineData("each-role.party = c", "node.conf:6: each-role.party: may not be set: write it for the role, participant.party.")]
    public void What_breaks_a_rule_is_told_with_file_line_key_and_rule(string added, string refusal) =>
        Assert.Contains(refusal, _folder.NodeRefusal(Participant + added), StringComparison.Ordinal);

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_lines()
    {
        string[] told = _folder.NodeRefusal("node.nam = x\nnode.roles = [participant]\nlog.level = 5").Split('\n');
        Assert.Contains(told, static line => line.StartsWith("node.conf:1: node.nam: no such key. Did you mean node.name?", StringComparison.Ordinal));
        Assert.Contains(told, static line => line.StartsWith("node.conf:2: node.roster-file: is required", StringComparison.Ordinal));
        Assert.Contains(told, static line => line.Contains("participant.database.host: is required", StringComparison.Ordinal));
        Assert.StartsWith("node.conf:3: log.level", told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void In_development_keys_may_come_from_the_environment()
    {
        NodeSettings node = _folder.Node(Participant + "node.profile = development, participant.keys.provider { kind = env, path = null, variable = KEY }");
        Assert.Equal("KEY", node.Participant!.Provider.Variable);
    }

    [Fact]
    public void Every_key_of_the_reference_is_read_and_no_other_is()
    {
        string both = $"{Participant}node.roles = [participant, coordinator]\ncoordinator {{ {Role} }}\ncoordinator.party = c";
        string path = _folder.Write("node.conf", both);
        SettingsReading reading = new(path, HoconFile.Load(path, static _ => null));
        NodeFile file = NodeFile.Check(reading);
        Assert.Equal(Paths(file.InForce.Values, string.Empty).Order(StringComparer.Ordinal), reading.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("node.conf")]
    [InlineData("cluster-coordinator.conf")]
    [InlineData("cluster-participant.conf")]
    public void The_files_beside_the_reference_are_good(string name)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["SIGNER_NODE_NAME"] = "a-1",
            ["SIGNER_PARTY"] = "a",
            ["SIGNER_ROSTER"] = "/r/roster.json",
            ["SIGNER_SECRETS"] = "/run/secrets",
            ["SIGNER_DATABASE_HOST"] = "127.0.0.1",
            ["SIGNER_DATABASE_PORT"] = "15432",
            ["SIGNER_DATABASE_NAME"] = "a",
            ["SIGNER_DATABASE_USER"] = "a",
            ["SIGNER_NODES_LISTEN"] = "127.0.0.1:9420",
            ["SIGNER_NODES_ALL"] = "127.0.0.1:9421,127.0.0.1:9420",
            ["SIGNER_LINKS_LISTEN"] = "127.0.0.1:11420",
            ["SIGNER_LINKS_COORDINATORS"] = "127.0.0.1:11420",
            ["SIGNER_HTTP_LISTEN"] = "127.0.0.1:7420",
        };
        NodeSettings node = NodeSettings.Load(Path.Combine(Path.GetDirectoryName(NodeFile.ReferencePath)!, name), environment.GetValueOrDefault);
        RoleSettings role = node.Participant ?? (RoleSettings?)node.Coordinator!;
        if (name != "node.conf")
        {
            Assert.Equal(("/run/secrets/identity.key", 15432, false), (role.IdentityFile, role.Database.Port, role.Database.UsesTls));
            Assert.Equal(("/run/secrets/node.pem", 2), (role.Tls.CertificateFile, role.Nodes.All.Count));
        }
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<string> Paths(HoconObject section, string prefix) => section.Items.SelectMany(item =>
        item.Value.GetObject() is { } inner ? Paths(inner, $"{prefix}{item.Key}.").Append(prefix + item.Key) : [prefix + item.Key]);
}
