using System.Security.Cryptography;
using System.Text.Json;

namespace SignerCluster.RabbitMq;

/// <summary>
/// The document that sets a broker up: <c>rabbitmqctl import_definitions FILE</c>, or <c>load_definitions</c> in rabbitmq.conf. The plugin
/// <c>rabbitmq_consistent_hash_exchange</c> must be enabled first. Importing it again changes nothing but the salts.
/// </summary>
public static class BrokerDefinitions
{
    private const string Hashing = "rabbit_password_hashing_sha256";

    /// <summary>Writes UTF-8 JSON: virtual host, exchanges, users with their passwords' hashes and rights. No password is in it.</summary>
    /// <param name="passwords">A password for each user of the topology and for the administrator, by user name.</param>
    /// <param name="administrator">A user with every right in the virtual host and the tag <c>administrator</c>.</param>
    public static void Write(Stream output, BrokerTopology topology, IReadOnlyDictionary<string, BrokerPassword> passwords, string administrator)
    {
        BrokerUser[] users = [new(administrator, ".*", ".*", ".*"), .. topology.Users];
        if (topology.Users.Any(user => user.Name == administrator))
            throw new ArgumentException($"The administrator cannot be the party {administrator}.", nameof(administrator));
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("vhosts");
        WriteObject(json, ("name", topology.VirtualHost));
        json.WriteEndArray();
        json.WriteStartArray("users");
        foreach (BrokerUser user in users)
            WriteObject(
                json,
                ("name", user.Name),
                ("password_hash", Hash(passwords[user.Name])),
                ("hashing_algorithm", Hashing),
                ("tags", user.Name == administrator ? "administrator" : ""));
        json.WriteEndArray();
        json.WriteStartArray("permissions");
        foreach (BrokerUser user in users)
            WriteObject(json, ("user", user.Name), ("vhost", topology.VirtualHost), ("configure", user.Configure), ("write", user.Write), ("read", user.Read));
        json.WriteEndArray();
        json.WriteStartArray("exchanges");
        foreach (BrokerExchange exchange in topology.Exchanges)
            WriteExchange(json, exchange, topology.VirtualHost);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, params ReadOnlySpan<(string Key, string Value)> members)
    {
        json.WriteStartObject();
        foreach ((string key, string value) in members)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteExchange(Utf8JsonWriter json, BrokerExchange exchange, string virtualHost)
    {
        json.WriteStartObject();
        json.WriteString("name", exchange.Name);
        json.WriteString("vhost", virtualHost);
        json.WriteString("type", exchange.Type);
        json.WriteBoolean("durable", true);
        json.WriteBoolean("auto_delete", false);
        json.WriteBoolean("internal", false);
        json.WriteStartObject("arguments");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Hash(BrokerPassword password) => password.ToSaltedHash(RandomNumberGenerator.GetBytes(4));
}
