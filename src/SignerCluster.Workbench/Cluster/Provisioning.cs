using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Spending;
using SignerCluster.Frost;
using SignerCluster.Host.Nodes;
using SignerCluster.Host.Pki;
using SignerCluster.Journal.Providers;
using SignerCluster.Protocol;
using SignerCluster.Secp256k1;
using SignerCluster.Trust;

namespace SignerCluster.Workbench.Cluster;

/// <summary>
/// Makes a cluster: servers, parties with their secrets, databases and rights, and a group whose seats are installed at their holders. The cluster's
/// document is written last; until then a file says that the folder is unfinished, and the next attempt starts afresh.
/// </summary>
internal sealed class Provisioning(ClusterDirectory directory, ClusterPlan plan)
{
    /// <summary>The variable of a coordinator's node that names the registry of its covenant jobs.</summary>
    internal const string RegistryFile = "SIGNER_REGISTRY_FILE";
    private const int DocumentVersion = 2;

    internal async Task<ClusterDocument> RunAsync(WorkProgress progress, CancellationToken cancellation)
    {
        plan.ThrowIfInvalid();
        await ClearAsync(cancellation);
        progress.Begin("Starting PostgreSQL");
        await ServersVerb.StartAsync(directory, cancellation);
        ClusterServers servers = new(new PrivatePostgres(directory).Find()!);

        progress.Begin("Making the parties");
        Roster roster = MakeParties();
        progress.Begin("Making databases and rights");
        foreach (ClusterParty party in plan.Parties)
        {
            await new PartyDatabase(servers.Postgres, directory, party.Name).MakeAsync(cancellation);
        }

        progress.Begin("Dealing the group");
        (GroupId group, string groupFile) = Deal(roster);
        IReadOnlyList<ClusterNode> nodes = [.. plan.Nodes().Select(node => NodeOf(servers, node))];
        await InstallAsync(nodes, groupFile, cancellation);

        ClusterDocument document = Describe(group, servers, nodes);
        document.Save(directory);
        File.Delete(directory.Unfinished);
        return document;
    }

    /// <summary>Throws <see cref="UsageException"/> <c>cluster_incomplete</c> when there is something that no interrupted attempt left.</summary>
    private async Task ClearAsync(CancellationToken cancellation)
    {
        if (!File.Exists(directory.Unfinished) && Directory.Exists(directory.Secrets))
        {
            throw new UsageException(
                "cluster_incomplete",
                $"{directory.Root} has secrets and no {Path.GetFileName(directory.Document)}. Put that file back, or remove the folder to make a new cluster.");
        }

        if (File.Exists(directory.Unfinished))
        {
            await ServersVerb.StopAsync(directory, cancellation);
            directory.Clear();
        }

        ClusterDirectory.WritePrivate(directory.Unfinished, string.Empty);
    }

    private Roster MakeParties()
    {
        ClusterDirectory.MakePrivate(directory.Secrets);
        List<RosterParty> parties = [];
        foreach (ClusterParty party in plan.Parties)
        {
            ClusterDirectory.MakePrivate(directory.SecretsOf(party.Name));
            ClusterDirectory.DrawPassword(directory.Secret(party.Name, ClusterDirectory.DatabasePassword));
            ClusterDirectory.DrawPassword(directory.Secret(party.Name, ClusterDirectory.OwnerPassword));
            FileKeyProvider.Create(directory.Secret(party.Name, ClusterDirectory.KeyEncryptionKey), RandomNumberGenerator.Fill);
            using X509Certificate2 certificate = NodeCertificate.Create(
                directory.Secret(party.Name, ClusterDirectory.NodeCertificate), TimeProvider.System.GetUtcNow());
            string pin = NodeCertificate.PinOf(certificate);
            using IdentityKey identity = IdentityKey.Create(directory.Secret(party.Name, ClusterDirectory.IdentityKey), RandomNumberGenerator.Fill);
            PartyRole role = party.IsCoordinator ? PartyRole.Coordinator : PartyRole.Participant;
            parties.Add(new RosterParty(PartyName.Parse(party.Name), role, identity.Public, [pin]));
        }

        Roster roster = new(ClusterName.Parse("development"), parties);
        roster.Save(directory.Roster);
        return roster;
    }

    private (GroupId Group, string File) Deal(Roster roster)
    {
        Outcome<GroupId> outcome = OfflineDealer.Deal(roster, plan.Threshold, plan.Participants, directory.Bundles, RandomNumberGenerator.Fill);
        GroupId group = outcome.TryGet(out GroupId dealt, out FrostRefusal? refusal) ? dealt : throw new UsageException(refusal.Code, refusal.Message);
        ClusterDirectory.MakePrivate(directory.Groups);
        string file = Path.Join(directory.Groups, $"{group}.json");
        File.Move(Path.Join(directory.Bundles, $"{group}.json"), file);
        return (group, file);
    }

    /// <summary>As operators do: each holder its own bundle, the coordinator what is public.</summary>
    private async Task InstallAsync(IReadOnlyList<ClusterNode> nodes, string groupFile, CancellationToken cancellation)
    {
        foreach (ClusterParty party in plan.Parties)
        {
            ClusterNode node = nodes.First(node => node.Party == party.Name);
            string dealt = party.IsCoordinator ? groupFile : Path.Join(directory.Bundles, $"{party.Name}.json");
            await SeatInstallation.InstallAsync(node.Config, node.Environment.GetValueOrDefault, dealt, cancellation);
        }
    }

    private ClusterNode NodeOf(ClusterServers servers, PlannedNode node)
    {
        (ClusterParty party, string name) = (node.Party, node.Name);
        PartyDatabase database = new(servers.Postgres, directory, party.Name);
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["SIGNER_NODE_NAME"] = name,
            ["SIGNER_PARTY"] = party.Name,
            ["SIGNER_ROSTER"] = directory.Roster,
            ["SIGNER_SECRETS"] = directory.SecretsOf(party.Name),
            ["SIGNER_DATABASE_HOST"] = servers.Postgres.Host,
            ["SIGNER_DATABASE_PORT"] = $"{servers.Postgres.Port}",
            ["SIGNER_DATABASE_NAME"] = database.Name,
            ["SIGNER_DATABASE_USER"] = database.User,
            ["SIGNER_NODES_LISTEN"] = AddressOf(node.ClusterPort),
            ["SIGNER_NODES_ALL"] = string.Join(',', plan.Nodes().Where(other => other.Party == party).Select(static other => AddressOf(other.ClusterPort))),
            [party.IsCoordinator ? "SIGNER_LINKS_LISTEN" : "SIGNER_LINKS_COORDINATORS"] = party.IsCoordinator
                ? AddressOf(node.LinkPort)
                : string.Join(',', plan.Nodes().Where(static other => other.Party.IsCoordinator).Select(static other => AddressOf(other.LinkPort))),
            ["SIGNER_HTTP_LISTEN"] = AddressOf(node.Port),
            ["SIGNER_ALLOW_RAW"] = "true",
            [NodeProcess.ProfiledCode] = "1",
            [NodeProcess.ClusterMark] = directory.Root,
            [NodeProcess.Mark] = Path.Join(directory.Root, name),
        };
        if (party.IsCoordinator && plan.Registry is { } registry)
        {
            environment[RegistryFile] = Path.GetFullPath(registry.File);
            environment["SIGNER_REGISTRY_KEY"] = registry.Key.ToString();
            environment["SIGNER_REGISTRY_NETWORK"] = registry.Network.ToString().ToLowerInvariant();
            if (registry.DecisionKey is { } decider)
            {
                environment["SIGNER_REGISTRY_DECISION_KEY"] = decider.ToString();
            }
        }

        string config = Path.Join(RepositoryFolder.Find(), "hocon", $"cluster-{party.Role}.conf");
        return new ClusterNode(name, party.Name, party.Role, config, environment, $"http://{AddressOf(node.Port)}", Pid: null, directory.LogOf(name));
    }

    private static string AddressOf(int port) => $"127.0.0.1:{port}";

    private ClusterDocument Describe(GroupId group, ClusterServers servers, IReadOnlyList<ClusterNode> nodes)
    {
        XOnlyPublicKey outputKey = Taproot.OutputKey(XOnlyPublicKey.Parse(group.X.AsSpan()), merkleRoot: null);
        string address = SegwitAddress.PayToTaproot(Network.Regtest, outputKey);
        return new ClusterDocument(DocumentVersion, group.ToString(), outputKey.ToString(), address, plan.Threshold, plan.Participants, servers, nodes);
    }
}
