using System.Text;
using SignerCluster.RabbitMq;

namespace SignerCluster.Workbench.Cluster;

/// <summary>What the parties need of the broker: a virtual host, exchanges, and a user with its rights for each of them.</summary>
internal static class ClusterBroker
{
    internal const string VirtualHost = "signer";

    /// <summary>Writes the definitions document, which holds hashes of passwords only, and gives it to the broker.</summary>
    internal static async Task DefineAsync(ClusterDirectory directory, ClusterPlan plan, PrivateRabbitMq server, CancellationToken cancellation)
    {
        Dictionary<string, BrokerPassword> passwords = new(StringComparer.Ordinal)
        {
            [PrivateRabbitMq.Administrator] = BrokerPassword.Load(server.Find()!.PasswordFile),
        };
        try
        {
            foreach (ClusterParty party in plan.Parties)
            {
                passwords[party.Name] = BrokerPassword.Load(directory.Secret(party.Name, ClusterDirectory.BrokerPassword));
            }

            // A coordinator's nodes ask each other too: any of them takes a request for a session that another one runs.
            string[] everybody = [.. plan.Parties.Select(static party => party.Name)];
            using MemoryStream definitions = new();
            BrokerDefinitions.Write(
                definitions,
                BrokerTopology.Of(VirtualHost, [.. plan.Parties.Select(party => new BrokerParty(party.Name, party.IsCoordinator ? everybody : []))]),
                passwords,
                PrivateRabbitMq.Administrator);
            string document = Encoding.UTF8.GetString(definitions.ToArray());
            ClusterDirectory.WritePrivate(directory.BrokerDefinitions, document);
            await server.ImportAsync(document, cancellation);
        }
        finally
        {
            foreach (BrokerPassword password in passwords.Values)
            {
                password.Dispose();
            }
        }
    }
}
