using System.Security.Cryptography;
using SignerCluster.Frost;
using SignerCluster.Host.Settings;
using SignerCluster.Journal.Postgres;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Trust;

namespace SignerCluster.Postgres.Tests;

/// <summary>
/// What the operators of a coordinator and of alice have, in a folder that vanishes with its test: secrets, roster, what a dealer made, and the
/// configuration of a node of each over one database, whose server may be a forgetful one.
/// </summary>
internal sealed class PartyFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("signer-party-").FullName;
    private readonly PostgresSettings _database;

    internal PartyFolder(TestDatabase database)
    {
        _database = database.Settings;
        using IdentityKey coordinator = IdentityKey.Create(PathOf("coordinator.key"), RandomNumberGenerator.Fill);
        using IdentityKey alice = IdentityKey.Create(PathOf("alice.key"), RandomNumberGenerator.Fill);
        Roster roster =
            new(ClusterName.Parse("bridge"), [Party("coordinator", PartyRole.Coordinator, coordinator), Party("alice", PartyRole.Participant, alice)]);
        roster.Save(PathOf("roster.json"));
        FileKeyProvider.Create(PathOf("key"), RandomNumberGenerator.Fill);
        File.WriteAllText(PathOf("password"), TestDatabase.Password);
        File.SetUnixFileMode(PathOf("password"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Outcome<GroupId> dealt = OfflineDealer.Deal(roster, threshold: 1, participants: 1, _root, RandomNumberGenerator.Fill);
        Assert.True(dealt.TryGet(out GroupId group, out FrostRefusal? refusal), refusal?.Message);
        GroupFile = PathOf($"{group}.json");
    }

    internal string Bundle => PathOf("alice.json");

    internal string GroupFile { get; }

    /// <summary>The node of alice, or of the coordinator.</summary>
    internal NodeSettings Node(string party)
    {
        string role = party == "alice" ? "participant" : "coordinator";
        string path = PathOf($"{party}.conf");
        File.WriteAllText(path, $$"""
            node { name = {{party}}-1, roles = [{{role}}], roster-file = roster.json, profile = development }
            {{role}} {
              party = {{party}}, identity-file = {{party}}.key
              database { host = "{{_database.Host}}", port = {{_database.Port}}, name = {{_database.Database}}, user = {{_database.User}}, password-file = password }
              tls { certificate-file = none.pem, key-file = none.key }
              links.{{(role == "participant" ? "coordinators" : "listen")}} = "127.0.0.1:1"
              keys.provider.path = key
            }
            """);
        return NodeSettings.Load(path, static _ => null);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string PathOf(string name) => Path.Combine(_root, name);

    private static RosterParty Party(string name, PartyRole role, IdentityKey identity) => new(PartyName.Parse(name), role, identity.Public);
}
